// What tests ask an engine, at a time and with dates of a clock that began in 1970. Plain JavaScript, for the fuzzers ask
// the compiled core as well.
/** @typedef {import("../../src/core/engine/engine.js").Engine} Engine */
/** @typedef {import("../../src/core/engine/questions.js").EngineQuestions} Questions */
/** @typedef {import("../../src/core/engine/questions.js").EngineActions} Actions */
/** @typedef {import("../../src/core/base/time.js").Micros} Micros */

/** @param {number} at */
const date = (at) => new Date(at / 1_000).toISOString();

/**
 * An answer with all its rows; a Refusal where there is none.
 * @template {keyof Questions} Name
 * @param {Engine} engine @param {Name} name @param {Questions[Name]["asks"]} asks
 */
export const ask = (engine, name, asks, now = 0) => engine.ask(name, asks, { now: /** @type {Micros} */ (now), date });

/** @param {Engine | undefined} engine @returns {readonly import("../../src/core/parts/trunks/questions.js").TrunkView[]} */
export const trunksOf = (engine) =>
  engine === undefined ? [] : /** @type {any} */ (ask(engine, "eth-trunk", {})).trunks;

/** @param {Engine | undefined} engine @returns {readonly import("../../src/core/parts/trunks/questions.js").LacpStatisticsView[]} */
export const statisticsOf = (engine) =>
  engine === undefined ? [] : /** @type {any} */ (ask(engine, "lacp-statistics", {})).trunks;

/** @param {Engine | undefined} engine @returns {readonly import("../../src/core/parts/etrunk/questions.js").EtrunkView[]} */
export const etrunksOf = (engine, now = 0) =>
  engine === undefined ? [] : /** @type {any} */ (ask(engine, "e-trunk", {}, now)).etrunks;

/** @param {Engine} engine @returns {Questions["e-trunk-packets"]["answer"]} */
export const packetsOf = (engine) => /** @type {any} */ (ask(engine, "e-trunk-packets", {}));

/** @param {Engine} engine @returns {Questions["bfd-sessions"]["answer"]} */
export const bfdOf = (engine) => /** @type {any} */ (ask(engine, "bfd-sessions", {}));

/** @param {Engine} engine @returns {readonly import("../../src/core/parts/etrunk/questions.js").SessionCarView[]} */
export const carsOf = (engine) =>
  /** @type {any[]} */ ([{ protocol: "e-trunk-ipv4" }, { protocol: "e-trunk-ipv6" }]).flatMap(
    (asks) => /** @type {any} */ (ask(engine, "session-car", asks)).sessions,
  );

/** @param {Engine | undefined} engine @returns {readonly import("../../src/core/parts/flush/questions.js").FlushInterfaceView[]} */
export const flushInterfacesOf = (engine) =>
  engine === undefined ? [] : /** @type {any} */ (ask(engine, "smart-link-flush", {})).interfaces;

/** @param {Engine | undefined} engine @returns {readonly import("../../src/core/engine/questions.js").AlarmView[]} */
export const alarmsOf = (engine) => (engine === undefined ? [] : /** @type {any} */ (ask(engine, "alarms", {})).alarms);

/**
 * Does an action: what it answers, or a Refusal.
 * @template {keyof Actions} Name
 * @param {{ take(input: import("../../src/core/contract/input.js").Input, now: Micros): unknown }} driven
 * @param {Name} name @param {Actions[Name]["asks"]} asks @param {number} now
 * @returns {Actions[Name]["answer"] | import("../../src/core/contract/questions.js").Refusal}
 */
export const act = (driven, name, asks, now) =>
  /** @type {any} */ (driven.take({ kind: "act", action: { name, asks } }, /** @type {Micros} */ (now)));
