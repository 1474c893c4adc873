import { DOMAIN_WEIGHTS, FIELDS } from './domains.ts';
import { type Group, list } from './group.ts';

/**
 * What a text is about, wherever it stands.
 * `domain`: a field, by how hard work in it is. `symptom`: something goes wrong. `rare`: seldom, or nobody knows when.
 * `absolute`: something has to hold in every case, which everyday words ask for as firmly as learned ones.
 * `scope`: how far it reaches. `judgement`: asks for an opinion that needs understanding, so that even a `check` is work.
 * `small`: what makes a job small, whatever the verb. `detail`: what is small only where it is set or changed.
 * `visual`: what makes a design a matter of looks. `neutral`: a phrase that hides the words it is made of.
 */
export type WordKind =
  | 'domain'
  | 'symptom'
  | 'rare'
  | 'absolute'
  | 'scope'
  | 'judgement'
  | 'small'
  | 'detail'
  | 'visual'
  | 'neutral';

export const WORDS: readonly Group<WordKind>[] = [
  { kind: 'domain', weight: DOMAIN_WEIGHTS.hard, phrases: FIELDS.flatMap(({ hard }) => hard) },
  { kind: 'domain', weight: DOMAIN_WEIGHTS.demanding, phrases: FIELDS.flatMap(({ demanding }) => demanding) },
  { kind: 'domain', weight: DOMAIN_WEIGHTS.delicate, phrases: FIELDS.flatMap(({ delicate }) => delicate) },
  {
    kind: 'domain',
    weight: 2,
    phrases: list(`
      paper, specification, tls, access rights, rights are, rounding error, lasting fix, worse, without breaking
      ranking, graph, gradient, mainframe, slo, drift, oauth, storage layer, data layer, persistence layer, unsafe
      ffi, lexer, ast, statistical, simulation, watchdog, shader, procedural, matchmaking, pathfinding, incident
      outage, anonymise, anonymize, security, secure, permission, authorization, authorisation, interrupt, realtime
      jwt, savepoint, streaming, latency, recovery, rollback plan, schema migration, large scale, post mortem
      revocation, conflict, merge conflict, propose, trade offs, tradeoffs, trade off, decision record, cluster
      stateful, performance, counterexample, safety, liveness, offline, tenant, strategy, scheme, foundation
      compatibility, auditable, breaking change, parallel, lock, trust, stale, fair, long term, roadmap, bias, truth
      safeguard, policy, kubernetes, secret, each other, identity, justify, engine, runtime, simulator, home grown
      hand rolled, hand written, file sharing, model training, monorepo, thousands of, hundreds of, path finding
      primary key, at once, generics, debugger, quota, voting, consumers`),
  },
  {
    kind: 'domain',
    weight: 1,
    phrases: list(`
      faster, critical, sensitive, auth, authentication, complex, schema, webhook, migration, api, backend, pipeline
      undo, benchmark, legacy, firmware, driver, embedded, multi stage, payment, password, dependency, database
      token, traffic, future, ms, scale, teams`),
  },
  {
    kind: 'symptom',
    weight: 1.5,
    phrases: list(`
      fail, failure, crash, broken, does nothing, does not work, doesn't work, not working, no longer, stops working
      hang, freeze, slow, wrong, incorrect, bug, regression, spam, glitch, stuck, leak, diverge, lost, twice
      timeout, flicker, misbehave, exception, segfault, panic, lock up, broke, off by, badly, poorly, lose
      working again, to work, to pass, passing, funktioniert nicht, no funciona, kaputt, falla, disappear`),
  },
  {
    kind: 'symptom',
    weight: 1,
    phrases: list(`
      duplicate, sometimes, intermittent, flaky, occasionally, rarely, once a week, once a month
      from time to time, now and then, manchmal, a veces, in production, grows`),
  },
  {
    kind: 'rare',
    weight: 2.5,
    phrases: list(`
      at random, randomly, nobody knows, no idea why, cannot reproduce, can't reproduce, can not reproduce
      once in a, one in a, once every, every few hours, every few days, every few weeks, only under load
      only in production, only on some, out of nowhere, for no reason, no apparent reason, after hours, after days
      unexplained, mysterious, over days, over hours, over weeks, over time, has to be restarted, have to restart`),
  },
  {
    kind: 'absolute',
    weight: 2,
    phrases: list(`
      never, ever, always, impossible, cannot, can not, can't, can never, could never, must not, no matter
      whatever happens, even when, even if, even after, even though, even while, at any moment, at any time
      at any point, under any, in any case, only one, exactly, in order, still, nobody, anybody, no one, anyone
      for good, guaranteed, whatever it takes, under all circumstances, stays accurate, stays correct, in every case
      end up the same, the same result, the same answer, keep writing, keep running, keep serving, stay up
      while keeping, the same everywhere, identical, agree, disagree, nothing, nowhere, any one, any of them
      keep working, as they are, as it is, every path, all paths, all cases, of any size, any machine, any size
      at the root, alive, so that any, so that every, so that no, such that any, such that no, stay open
      in the middle of, halfway, mid way, midway, half way, when machines, when a machine, when a node, when nodes
      when a server, when servers, when a broker, when brokers, when one of, different hardware, different machines
      the same numbers, the same output, the same values, any point`),
  },
  {
    kind: 'scope',
    weight: 1,
    phrases: list(`
      across, everywhere, throughout, every, all, whole, entire, codebase, from scratch, end to end, all of our
      system wide, all services, cross platform, across platforms, system, framework, platform, module, package`),
  },
  {
    kind: 'judgement',
    weight: 2,
    phrases: list(`
      is secure, is safe, be safe, safe against, is it safe, is correct, are correct, is right, sound, flaws, holes
      weakness, loophole, attacks, exploitable, vulnerable to, resistant, could go wrong, can go wrong, every way
      all ways, ways in which, good idea, best way, mistakes, anti patterns, edge cases, look for ways, for ways to
      subtle, subtly`),
  },
  {
    kind: 'visual',
    weight: -2,
    phrases: list(`
      page, screen, form, dialog, layout, navbar, menu, card, email template, mockup, slide, theme, typography, sidebar
      header, tab bar`),
  },
  {
    kind: 'small',
    weight: -3,
    phrases: list(`
      typo, spelling, misspelling, docstring, trailing newline, newline, trailing whitespace, whitespace, .gitignore
      gitignore, copyright, copyright year, copyright notice, version in package.json, version number, unused import
      unused variable, favicon, logo, icon, emoji, badge, poster, flyer, banner, business card, t shirt, birthday
      dad joke, joke, haiku, tippfehler, errata, faute de frappe, empty file, empty folder, empty directory
      hello world, birthday card, colour palette, color palette, semicolon, indentation, .editorconfig, .env.example
      changelog entry, the word, one sentence, one word, folder called, folder named, directory called
      directory named, new folder, new directory, new branch, a label, the label`),
  },
  {
    kind: 'small',
    weight: -2,
    phrases: list(`
      ssh key, executable, italic, read only, with the content, with the text, containing only, to the list
      to our list, shopping list, non critical, not critical, uncritical, trivial, minor, tiny, cosmetic, one liner
      one line, a line, blank line, empty line, alt text, this line, single line, a comment, the comment
      comment out, the current date, the output of, one file, single file, one function, single function
      mit licence, mit license, apache license, branch called, branch named, file called, file named, empty branch
      simple, quick, placeholder, colour of, color of, background colour, background color, font size, title of
      link to, alias, landing page, button label, button text, heading, licence file, license file, footer
      page title, a reminder, cron entry, crontab, hosts file, timezone, readme link, broken link, dead link
      screenshot, thumbnail, log level, wording, tooltip, this sentence, this word, this text, the year`),
  },
  {
    kind: 'small',
    weight: -1,
    phrases: list('just, only change, readme, easy, nur, solo'),
  },
  {
    kind: 'detail',
    weight: -2,
    phrases: list(`
      green, red, blue, yellow, orange, grey, gray, purple, bold, phone number, opening hours, caption, slogan
      tagline, price of, street address, to pdf, to png, to jpg, to jpeg, to csv, to mp3, to mp4, to webp
      to markdown, to html, to lowercase, to uppercase as a pdf, to a png, to a pdf, to a jpg, to a csv`),
  },
  {
    kind: 'neutral',
    weight: 0,
    phrases: list(`
      white paper, paper size, paper tray, toilet paper, never mind, tb disk, data protection officer, human rights
      rights reserved, npm audit, yarn audit, audit log, security group, security camera, security update
      race results, race track, human race, race car, raft of, proof of concept, proof read, compiler warnings
      compiler flags, non critical bug, mission statement, conference, insurance, system preference, all tests
      all the tests, api key, fail fast, operating system, file system, home security, social security
      concurrency group, search engine optimisation, search engine optimization, merge request, kernel version
      kernel log, linux kernel version, spam folder, after all, at all, first of all, above all, api docs
      waterproof, proofread, distributed tracing, proof of delivery, sandbox account, sandbox mode, one file per
      one file for each, short lived, still fails, is still, are still, tray icon, typo tolerance, typo tolerant
      api reference, without duplicating, nothing else, nothing more, been red, is red, are red, them green
      it green, turn green, error boundary, privacy policy, cookie policy, in order to, agree to, design token
      traffic light`),
  },
];
