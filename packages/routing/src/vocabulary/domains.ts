import { list } from './group.ts';

/** A field of work and its words by how hard a task that is about them tends to be. */
interface Field {
  field: string;
  /** Hard whoever does it: with any real verb this is work for the most capable model. */
  hard: readonly string[];
  /** Usually hard; an addition at the edge of it is not. */
  demanding: readonly string[];
  /** Asks for care, and for more where something else does too. */
  delicate: readonly string[];
}

/** Weight of a word by its place in a field. */
export const DOMAIN_WEIGHTS = { hard: 5, demanding: 4, delicate: 3 } as const;

export const FIELDS: readonly Field[] = [
  {
    field: 'concurrency',
    hard: list(`
      work stealing, futex, rcu, hazard pointer, false sharing, async runtime, without a global lock, race condition
      data race, deadlock, livelock, lock free, wait free, memory model, memory ordering, heisenbug
      compare and swap, priority inversion, lock ordering`),
    demanding: list(`
      numa, cache line, without blocking, race, concurrency, concurrent, thread safe, thread safety, multi threaded
      multithreaded, thread dump, parallelise, parallelize, nebenlaufigkeit, nebenlaufig, concurrencia, lost update
      preemption, preemptive, reentrant, interleaving, thundering herd, atomically, thread leak, goroutine leak`),
    delicate: list(`
      semaphore, thread pool, event loop, coroutine, spinlock, signal handler, mutex, lock contention, starvation
      starve, under load, heavy load, heavy traffic, high traffic, unter last, bajo carga, scheduler
      back pressure, backpressure, parallelism, in parallel, atomic, actor model, fibers
      goroutine, at the same time, at the same moment, simultaneously`),
  },
  {
    field: 'distributed systems',
    hard: list(`
      distributed training, total order, whatever order, any order, version vector, consensus, raft, paxos
      byzantine, crdt, conflict free, operational transform, operational transformation, linearizable
      linearizability, exactly once, leader election, split brain, network partition, vector clock, clock skew
      two phase commit, quorum, gossip protocol, causal consistency, eventual consistency, strong consistency
      multi region, active active, geo replicated, real time collaborative, collaborative editing
      bidirectional sync, two way sync, distribuido, distribuida, cache coherence, network split, partition tolerant
      partition tolerance, fencing token, distributed lock, distributed transaction, anti entropy
      once and only once, processed twice, eventually consistent, across regions`),
    demanding: list(`
      partial failure, survive, datacentre, datacenter, data center, data centre, same order, ordered delivery
      without trusting, supervision tree, congestion, routing protocol, saga, cqrs, workflow engine, gossip
      distributed, replication, shard, consistent hashing, fault tolerant, fault tolerance, failover
      high availability, peer to peer, p2p, nat traversal, sync engine, sync protocol, synchronisation protocol
      synchronization protocol, conflict resolution, merge algorithm, source of truth, collaborative, idempotent
      idempotency, at least once, cache invalidation, verteilt, sincronizacion, change data capture, stale reads
      conflictos, state machine replication, lock service, fencing, rebalance, reshard, repartition, read repair
      hinted handoff, delivery semantics, multiple regions, several regions, several databases, multiple databases
      causality, converge, convergence, clock drift, hole punching, task queue, job runner`),
    delicate: list(`
      across devices, all devices, dead letter, outbox, orchestrate, live traffic, without interruption, hot swap
      domain model, bounded context, blast radius, sync, synchronisation, synchronization, offline edits
      offline support, offline first, edits conflict, conflicting edits, out of order, ordering guarantee
      eventually, consistent, rate limiter, message broker, microservices, service boundaries, data ownership
      scalability, scale to, throughput, autoscaler, service mesh, replica, lease, leader, in charge
      service discovery, staleness, out of sync, edge nodes, monotonic, separate services, into services
      event driven, event bus, message bus, scalable, at scale, while customers, while users, while clients
      agree on, cyclic, layering, whether we should, should we, decide whether, for the future, autoscaling, kafka
      etcd, zookeeper, lost packets, peer discovery, peers, circular dependency, secret rotation
      credential rotation`),
  },
  {
    field: 'security',
    hard: list(`
      capability system, capability based, object capability, secure boot, privacy preserving, key escrow
      side channel, timing attack, threat model, reentrancy, remote code execution, privilege escalation, zero day
      sandbox escape, use after free, buffer overflow, memory corruption, memory safety, constant time, key rotation
      key management, tenant isolation, multi tenant, multi tenancy, mandantenfahig, zero knowledge, trust boundary
      trust model, man in the middle, replay attack, forward secrecy, attack surface`),
    demanding: list(`
      credential stuffing, token theft, attestation, tpm, secure enclave, pki, certificate authority, malware
      forensic, breach, permission model, access control, authorization model, authorisation model, vulnerability
      exploit, penetration test, pentest, sicherheitsaudit, untrusted, attacker, adversarial, zero trust
      single sign on, secrets distribution, smart contract, row level security, hsm, anti cheat, ransomware
      differential privacy, threat, spoof, impersonate, exfiltrate, least privilege, supply chain, code signing
      mutual tls, mtls, policy engine, be trusted, account takeover, prompt injection, secrets management, hostile
      randomness, entropy, eavesdrop, tamper proof, smuggle, secret leaks, harm, identity provider
      identity management, security review, security assessment`),
    delicate: list(`
      fine grained, multi user, privacy, data residency, right to be forgotten, webauthn, passkey, password hashing
      session fixation, intrusion, compromised, token validation, audit, injection, csrf, xss, ssrf, path traversal
      hardening, fuzz, rbac, sso, saml, oidc, sandbox, isolation, certificate rotation, vulnerable, malicious, forge
      abuse, sicherheit, sicherheitslucke, seguridad, securite, fraud, tamper, hacker, brute force, confidentiality
      two factor, multi factor, 2fa, mfa, iam, provenance, certificate pinning, take over, stolen, someone could
      anyone could, anybody could, could someone, could anyone, whether someone, whether anyone, another user
      another customer, other customer, someone else, other people, thief, steal, snoop, cheat, cheater, guessable
      predictable, somebody could, credentials, access rules, random tokens, personal data, single user, many users
      manipulate`),
  },
  {
    field: 'cryptography',
    hard: list(`
      cryptography, cryptographic, cryptographically, end to end encryption, key exchange
      homomorphic, kryptographie, verschlusselung, criptografia, chiffrement, merkle, post quantum
      multi party computation, secret sharing, elliptic curve, key derivation, key hierarchy, commitment scheme
      threshold signature, envelope encryption, e2ee, crypto, last bit`),
    demanding: list(`
      encryption, double ratchet, blind signature, signature scheme, random number generator, hash function
      digital signature, signing key, cipher, ciphertext`),
    delicate: list(`
 blockchain, token signing, nonce, aes, rsa, decryption`),
  },
  {
    field: 'languages and compilers',
    hard: list(`
      effect system, escape analysis, ssa, version solver, autodiff, garbage collector, garbage collection
      type inference, type system, type checker, borrow checker, register allocation, jit, query planner
      query optimiser, query optimizer, cost based, undefined behaviour, undefined behavior
      intermediate representation, alias analysis, abstract interpretation, dependent types, join order
      closure conversion, query engine`),
    demanding: list(`
      llvm, unification, hygienic, incremental build, spreadsheet engine, layout engine, virtual dom, dwarf
      compiler, interpreter, virtual machine, bytecode, transpiler, static analyser, static analyzer
      static analysis, symbolic execution, vectorise, vectorize, simd, decompiler, disassembler, emulator
      regex engine, query language, allocator, macro system, optimiser, optimizer, type checking, inlining
      dead code elimination, constant folding, tail call, data flow analysis, dataflow analysis, scripting language
      stack machine`),
    delicate: list(`
      wasm, webassembly, lifetimes, build system, package manager, profiler, rich text, dependency resolver, dsl
      grammar, parser generator, linker, abi, language server, code generator, incremental, code generation
      compile time, codegen, programming language, our language, control flow`),
  },
  {
    field: 'storage and data',
    hard: list(`
      corrupt database, without losing a, zero downtime, without downtime, no downtime, write ahead log
      crash recovery, crash safe, crash consistency, serializability, snapshot isolation, mvcc, data corruption
      silently corrupt, event sourcing, double spend, charged twice, booked twice, write a file system
      sin interrupcion, ohne ausfallzeit, data loss, lose data, lose each other, never loses, lost or duplicated
      overwrite each other, without losing, ohne daten zu verlieren, bitemporal, write skew, phantom read
      torn write, lost write, acknowledged write, double booking, oversell, oversold, sold twice, memory safe`),
    demanding: list(`
      consistent snapshot, point in time, inverted index, vector index, nearest neighbour, nearest neighbor
      settlement, without gaps, no gaps, ledger, b tree, lsm, storage engine, database engine, consistency
      atomicity, double entry, reconciliation, disaster recovery, power loss, monolith, nested transaction
      deduplicating, stay online, while live, wal, buffer pool, key value store, embedded database, isolation level
      durability, dirty read, power cut, power failure, half written, dual write, on disk format
      feature store, running system, live system, live data, whole data, stale cache`),
    delicate: list(`
      corrupt, snapshot, terabyte, tb, petabyte, million, billion, compaction, time series database
      full text search, trading, auction, balances, transaction, transactional, transaction isolation
      schema evolution, reconcile, bloom filter, skip list, red black tree, search engine, data model
      backward compatible, compliance, gdpr, hipaa, pci, regulators, regulatory, audit trail, pricing engine
      durable, fsync, file format, binary format, storage format, downtime, cutover, blue green
      backward compatibility, forward compatible, lineage
      checkpointing, tombstone, index layout, data platform, retroactively, shared database, columnar`),
  },
  {
    field: 'mathematics and proof',
    hard: list(`
      bit for bit, backpropagation, formal verification, formally verified, formally, prove, theorem, tla, coq
      np hard, correctness proof, numerically stable, numerical stability, differential equation, bit identical
      bit exact, provably, mathematically, model checker, smt, isabelle, dafny, lemma, np complete, satisfiability
      constraint satisfaction, automatic differentiation, error correcting`),
    demanding: list(`
      reproducible build, branch and bound, inverse kinematics, motion planning, slam, beamforming, quantization
      quantisation, proof, verified, algorithm, algorithmus, algoritmo, correctness, unsound, soundness, numerical
      solver, linear programming, integer programming, optimisation problem, optimization problem, finite element
      causal inference, quantum, sensor fusion, deterministic, determinism, combinatorial, constraint solver
      error bound, computational geometry, matrix factorization, causal`),
    delicate: list(`
      guarantee, reproducible, associative, commutative, approximation, dynamic programming, simulated annealing
      minimax, fft, fourier, signal processing, computer vision, trajectory, topological, graph algorithm, rfc
      simplex, eigenvalue, sparse matrix, convolution, optimal, optimality, complexity, worst case
      bounded, invariant, bayesian, kalman, monte carlo, confidence interval, control loop, floating point
      stochastic, heuristic, probabilistic, markov, lossless, fixed point, fairness, fairly
      gradient descent, optimum, shortest, scheduling problem, collision, rigorous`),
  },
  {
    field: 'engines and machines',
    hard: list(`
      autopilot, lockstep, rollback netcode, safety critical, lag compensation, client side prediction
      flight controller, mmu, page table`),
    demanding: list(`
      game engine, chess engine, global illumination, rigid body, usb stack, bluetooth stack, dma, medical device
      kernel, hypervisor, fpga, rtos, real time operating, hard real time, physics engine, rendering engine
      audio engine, device driver, cross compile, cuda, gpu kernel, netcode, tcp stack, network stack, ray tracing
      path tracing, rasteriser, rasterizer, compositor, text shaping, context switch, ebpf, mesh network
      entity component system, kernel module`),
    delicate: list(`
      collision detection, voxel, fluid, navmesh, pid controller, dsp, isr, rules engine, microsecond, per second
      gpu, bootloader, ota update, ray tracer, plugin api, plugin system, third parties, decoder, encoder, codec
      hot reload, real time, bare metal, syscall, memory mapped, motor control, pcb, compression format`),
  },
  {
    field: 'performance and causes',
    hard: list('leak memory'),
    demanding: list(`
      memory leak, memory grows, root cause, tail latency, p99, p95, p999, service outage, cascading failure
      cache miss, constant memory, constant space, bounded memory, memory exhausted, peak load`),
    delicate: list(`
      bottleneck, hot path, memory usage, oom, out of memory, cold start, stop the world, running out of memory
      jitter, heap, burst, surge, tenfold, hundredfold, oscillate, thrash, milliseconds, ten times, hundred times
      thousand times, times the traffic, times as many, without a network, without network, traffic spikes
      load spikes`),
  },
  {
    field: 'architecture and learning systems',
    hard: [],
    demanding: list(`
      architektur, arquitectura, self driving, domain driven, hexagonal, plugin architecture, extension system
      versioning strategy, migration strategy, diffusion model, bandit`),
    delicate: list(`
      architecture, architectural, protocol, protokoll, protocolo, reinforcement learning, neural network
      transformer, inference, federated, recommender, recommendation system, counterfactual, boundaries, who owns
      ownership, migration path, governance, blueprint, coexist, evolve, metering, extension api, language model
      loss function`),
  },
];
