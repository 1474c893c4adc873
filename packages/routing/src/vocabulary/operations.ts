import { type Group, list } from './group.ts';

/**
 * What a task asks to be done, as it stands at the start of a clause.
 * `light`: look, report, or do one known thing; what the rest of the text is about then hardly matters.
 * `inspect`: looking, where it depends on what is looked at. `describe`: to put into words or tests what is there.
 * `mend`: to find out why something is wrong, or to put it right. `make`: work that changes something. `think`: work whose difficulty is in the thinking.
 */
export type OperationKind = 'light' | 'inspect' | 'describe' | 'mend' | 'make' | 'think';

export const OPERATIONS: readonly Group<OperationKind>[] = [
  {
    kind: 'light',
    weight: 0,
    phrases: list(`
      run, execute, invoke, trigger, launch, start, stop, restart, reboot, shut down, turn on, turn off, kill, ping
      reload, print, show, display, list, count, tell, tell me how many, tell me how much, tell me how long
      tell me how big, report, echo, say, read, open, view, cat, tail, head, output, log, give me, make a copy
      make a backup, take a backup, take a screenshot, take a picture, take a note, download, upload, fetch, pull
      push, clone, copy, rename, delete, archive, zip, unzip, compress, extract the archive, back up, bump, sort
      tag, commit, stage, checkout, check out, install, uninstall, touch, mkdir, symlink, format, lint, rebase
      look up, post, save, note, remind, wake, watch, tidy, toggle, empty, clear, prune, lower case, upper case
      take a snapshot, revert, cherry pick, open a, compile, build the project, build the image, build the docs
      build the site, build the docker image, what, which, when, who, whose, where, how much, how many, how long
      how old, how big, how full, how often, is, are, does, do we, do i, do you, did, has, have, was, were, will, ls
      df, du, ps, top, git, npm, npx, docker, curl, ssh, systemctl, apt, whoami, date, uptime, grep, wc, kubectl
      brew, pip, hello, hi, test whether, test if, find files, find the file, find the largest, invite, squash
      amend, sum, unmount, mount, scan, pin, close, mark, assign, paste, append, capitalise, capitalize, lowercase
      replace the word, correct the spelling, zeige, zahle, stoppe, losche, kopiere, prufe ob, wie viel, welche
      welcher, lade, nenne, gib, ist, sind, benenne, muestra, lista, cuenta, reinicia, borra, elimina, copia
      descarga, cuanto, cuanta, que, cual, ejecuta, imprime, renombra, affiche, compte, redemarre, supprime
      telecharge, combien, quel, quelle, renomme, flush, pause, resume, mute, unmute, dim, play, approve, reopen
      rerun, re run, cancel, abort, eject, power off, power on, switch on, switch off, drain, cordon, truncate
      vacuum, dump, query, dig, traceroute, chmod, chown, label, star, bookmark, email, thank, greet, subscribe
      unsubscribe, strip, trim, underline, capture, resolve the hostname, uncomment, ask, request, blank out
      make a list of, make a note, make a folder, make a directory, make a branch, make a commit, take down
      read out, note down, jot, peek, glance, tally, total, refresh, reinstall, reconnect, relaunch, alphabetise
      alphabetize, number, prepend, tick, dismiss, acknowledge, unpack, untar, how large, how high, how heavy
      how fast, how far, how wide, how tall, how recent, how busy, how hot, how small, fill in, wipe, cd, touch up`),
  },
  {
    kind: 'inspect',
    weight: 0,
    phrases: list(`
      find all, find every, check, check whether, check if, check that, see, see if, look, look at, confirm, monitor
      search, prufe, comprueba, verifie`),
  },
  {
    kind: 'make',
    weight: 0.5,
    phrases: list('get'),
  },
  {
    kind: 'inspect',
    weight: 1.5,
    phrases: list(
      'find out which, find out who, find out when, find out where, find out if, find out whether, find out how much, find out how many, find out how long',
    ),
  },
  {
    kind: 'make',
    weight: 1,
    phrases: list(`
      merge, send, take, move, set, put, remove, enable, disable, drop, swap, locate, verify, reset, unlock, sync
      renew, flash, crop, register, rotate, release, publish, undo, book, order, insert, announce, share, purge
      attach, link, reorder, forward, restore`),
  },
  {
    kind: 'describe',
    weight: 2,
    phrases: list(`
      explain, summarise, summarize, describe, translate, ubersetze, erklare, fasse, traduce, explica, traduis, explique`),
  },
  {
    kind: 'describe',
    weight: 3,
    phrases: list(`
      document, test, cover, dokumentiere, documenta, prueba, write tests, write unit tests, write integration tests
      write end to end tests, write a test, write documentation, write docs, write the docs, write a blog post
      write an article, write a summary, write a guide, write a tutorial, write an introduction, write release notes
      add tests, add unit tests, add a test, add integration tests, add documentation, write a readme, schreibe tests
      escribe pruebas`),
  },
  {
    kind: 'make',
    weight: 2,
    phrases: list(`
      filter, group, hide, limit, throttle, debounce, batch, sanitize, sanitise, escape, mock, stub, seed, populate
      backfill, detect, predict, classify, annotate, outline, edit, polish, shorten, reformat, restyle, style, align
      animate, paginate, embed, highlight, preserve, propagate, inject, load test, map, mirror, watermark, unify
      add, create, make, make sure, give, do, update, change, set up, setup, configure, adjust, turn, let, allow
      use, switch, scale, save and load, load and save, increase, decrease, raise, lower, convert, compare, collect
      gather, generate, draft, how, how do, how does, how can, rewrite the paragraph, suggest, recommend, find
      identify, suche, busca, cherche, perform, conduct, carry out, apply, import, export, get rid of, bring, keep
      resize, encrypt, decrypt, sign, correct, give me a way, provide, answer, organise, organize, render, plot
      draw, measure, record, schedule, try, teach, expose, show how, show why, tell me why, tell me how, andere
      aktualisiere, erstelle, fuge, mach, richte, vergleiche, actualiza, cambia, crea, anade, agrega, haz, configura
      compara, ajoute, cree, mets, wrap, surface, supply, offer, equip, enrich, supplement, loosen, relax, clarify
      accept, respect, honour, honor, respond, learn, guess, rank, score, sample, slice, chunk, join, combine, blend
      sequence, encode, illustrate, theme, revise, inline, hoist, scrub, redact, mask, redirect, alert, remember
      show off, warn, prefix, tidy up`),
  },
  {
    kind: 'make',
    weight: 3,
    phrases: list(`
      write, implement, build, develop, code, program, refactor, restructure, clean up, cleanup, simplify, extract
      split, migrate, upgrade, port, handle, parse, scrape, crawl, integrate, wire, connect, hook up, support
      introduce, replace, rewrite, review, dockerize, dockerise, containerize, containerise, deploy, automate, train
      fine tune, optimise, optimize, improve, speed up, tune, reduce, cache, benchmark, profile, move from
      modernise, modernize, deprecate, backport, generalise, generalize, research, analyse, analyze, work out
      figure out, work through, break up, break down, lay out, enforce, guard, guarantee, recover from, extend
      finish, complete, rebuild, redo, transform, synchronise, synchronize, recover, run a security, run a full
      run a thorough, run an audit, how would you, how should we, how should, give me a design, give me a plan
      give me a proposal, patch, ensure, protect, restrict, prevent, avoid, persist, store, stream, visualise
      visualize, model, internationalise, localise, localize, prototype, consolidate, decouple, encapsulate
      abstract, serialise, serialize, normalise, normalize, deduplicate, validate, estimate, simulate, calculate
      schreibe, implementiere, bau, programmiere, refaktorisiere, migriere, ersetze, untersuche, entwickle, escribe
      implementa, construye, refactoriza, migra, reemplaza, investiga, desarrolla, ecris, refactorise, remplace
      developpe, go through, take apart, pick apart, cut, shrink, shorten the time, eliminate, define, determine
      choose, elaborate, replicate, isolate, anonymise, anonymize, close the hole, close that hole, close all holes
      close the gap, produce, craft, compose, construct, assemble, roll out, augment, enhance, strengthen, tighten
      adapt, accommodate, react, tolerate, cope, survive, infer, compute, aggregate, correlate, stitch, fuse
      interleave, ingest, index, partition, distribute, balance, provision, instrument, disassemble, decode
      tokenise, tokenize, refine, revisit, study, survey, explore, probe, quantify, characterise, characterize
      retire, sunset, phase out, decommission, unwind, rip out, tear out, factor out, pull out, spin off, dedupe
      route, proxy, package, modularise, modularize, polyfill, typecheck`),
  },
  {
    kind: 'mend',
    weight: 3,
    phrases: list(`
      fix, repair, resolve, solve, behebe, repariere, arregla, corrige, repare
      debug, why, find the reason, find out, find out why, get to the bottom, track down, find why, find the cause
      diagnose, troubleshoot, trace, bisect, investigate, reproduce, find out how, find out what, find the bug
      hunt down, chase down, warum, por que, pourquoi, sort out, deal with, take care of, put right, look into`),
  },
  {
    kind: 'think',
    weight: 4,
    phrases: list(`
      rework, come up with, think about, think through, redesign, overhaul, reimplement, re implement, invent
      devise, secure, plan, work out how to, work out how we, figure out how to, figure out a, work out a
      work out an, find a way, conceive, uberarbeite, redisena, untangle, disentangle, decompose, settle, sketch
      formulate, structure, reason about, weigh, choose between, decide, evaluate, assess, propose, reconstruct
      conceptualise, conceptualize, argue, choose how, decide how, justify, examine, carve out, orchestrate, emulate
      transpile`),
  },
  {
    kind: 'think',
    weight: 5,
    phrases: list('reverse engineer, architect, harden, rethink, rearchitect, re architect, make it impossible, rule out'),
  },
  {
    kind: 'think',
    weight: 6,
    phrases: list(`
      design, audit, audita, auditiere, prove, derive, formally specify, formally verify, specify, formalise
      formalize, threat model, disprove, entwirf, entwerfe, beweise, konzipiere, disena, demuestra, concois
      demontre, prove that, check mathematically, verify mathematically, show mathematically, check formally
      work out the algorithm`),
  },
];

/**
 * Operations that are as often nouns (`and test results`). Where they do not begin the text, they count only before
 * an object.
 */
export const AMBIGUOUS: readonly string[] = list(`
  group, limit, batch, map, mirror, seed, mock, stub, style, outline, guard, edit, highlight, escape, test, document
  report, design, build, review, plan, model, cache, log, list, print, count, check, run, record, patch, profile, trace
  benchmark, stream, store, format, tag, commit, stage, note, watch, post, take, head, tail, top, read, view, set, support
  cover, program, code, audit, change, update, use, schedule, research, date, make, pin, mark, draft, copy, turn, prototype
  abstract, drop, answer, back up, lint, try, let, port, display, output, start, stop, measure`);

/** What may stand before the verb: `please`, `can you`, `I would like you to`. */
export const PREAMBLE: ReadonlySet<string> = new Set(
  list(`
    please, can, could, would, you, we, i, need, want, to, let's, lets, now, just, first, finally, next, then, also
    quickly, carefully, me, help, like, i'd, i'll, we'd, hey, and, or, kindly, claude, must, should, have, go, ahead, try
    so, task, todo, bitte, kannst, du, mir, por, favor, puedes, the following, thoroughly, properly, again, once
    afterwards, it, after, that, simply, s, d, ll, today, tonight`),
);

/** What an object begins with. */
export const OBJECT_STARTS: ReadonlySet<string> = new Set(
  list(`
    the, a, an, it, them, all, every, each, our, my, this, that, those, these, whatever, what, how, why, if, whether, its
    their, any, your, both, only, which, everything, der, die, das, den, ein, eine, el, la, los, las, un, una, le, les, une`),
);
