// Makes trunk-bytecode.h of trunk.bpf.c: `node native/bpf/generate-bytecode.js` writes it, `--print` prints it instead.
// Needs clang, which nobody needs who only builds: the result is checked in. Another clang makes other code that does the
// same, so the header says which one made it, and of which source.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const here = import.meta.dirname;
const SOURCES = ["trunk.h", "trunk.bpf.c"];
/** In the order of trunk_program and trunk_map in trunk.h. */
const PROGRAMS = ["receive", "send", "keep", "send_tagged", "receive_tagged"];
const MAPS = ["trunks", "members", "counters", "vlans"];

/** BPF v1 instructions, little endian: what kernels from 5.4 on take. */
const FLAGS = ["-O2", "-target", "bpfel", "-mcpu=v1", "-Wall", "-Wextra", "-Werror"];

function compile() {
  const folder = mkdtempSync(join(tmpdir(), "trunk-bytecode-"));
  try {
    const object = join(folder, "trunk.o");
    const triplet = execFileSync("clang", ["-print-multiarch"], { encoding: "utf8", stdio: "pipe" }).trim();
    const headers = ["-idirafter", `/usr/include/${triplet || `${machine()}-linux-gnu`}`];
    execFileSync("clang", [...FLAGS, ...headers, "-c", join(here, "trunk.bpf.c"), "-o", object]);
    return readFileSync(object);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const machine = () => execFileSync("uname", ["-m"], { encoding: "utf8" }).trim();
const clangVersion = () => /version (\d+)/.exec(execFileSync("clang", ["--version"], { encoding: "utf8" }))?.[1];
const text = (bytes, at) => bytes.toString("latin1", at, bytes.indexOf(0, at));

/** Section headers of an ELF64 file. */
function sections(elf) {
  const [offset, count, names] = [Number(elf.readBigUInt64LE(40)), elf.readUInt16LE(60), elf.readUInt16LE(62)];
  const all = Array.from({ length: count }, (_, index) => {
    const at = offset + index * 64;
    const start = Number(elf.readBigUInt64LE(at + 24));
    const bytes = elf.subarray(start, start + Number(elf.readBigUInt64LE(at + 32)));
    return { nameAt: elf.readUInt32LE(at), link: elf.readUInt32LE(at + 40), info: elf.readUInt32LE(at + 44), bytes };
  });
  return all.map((section) => ({ ...section, name: text(all[names].bytes, section.nameAt) }));
}

/** Instructions of one program as 64-bit words, and where the descriptor of which map goes. */
function program(all, name) {
  const index = all.findIndex((section) => section.name === name);
  const { bytes } = all[index];
  const words = Array.from({ length: bytes.length / 8 }, (_, at) => bytes.readBigUInt64LE(at * 8));
  const relocations = all.find((section) => section.name === `.rel${name}` && section.info === index);
  const uses = Array.from({ length: (relocations?.bytes.length ?? 0) / 16 }, (_, row) => {
    const symbols = all[relocations.link];
    const entry = symbols.bytes.subarray(relocations.bytes.readUInt32LE(row * 16 + 12) * 24);
    const map = MAPS.indexOf(text(all[symbols.link].bytes, entry.readUInt32LE(0)));
    if (map < 0) throw new Error(`${name} uses something that is no map`);
    return { at: Number(relocations.bytes.readBigUInt64LE(row * 16)) / 8, map };
  });
  return { name, words, uses };
}

function rows(items, perRow) {
  const lines = [];
  for (let at = 0; at < items.length; at += perRow) lines.push(`    ${items.slice(at, at + perRow).join(", ")},`);
  return lines.join("\n");
}

const usesOf = (name, uses) => `static const struct map_use ${name}_uses[] = {
${rows(
  uses.map(({ at, map }) => `{${at}, ${map}}`),
  8,
)}
};
`;

const array = ({ name, words, uses }) => `static const uint64_t ${name}_code[] = {
${rows(
  words.map((word) => `0x${word.toString(16).padStart(16, "0")}`),
  6,
)}
};
${uses.length === 0 ? "" : usesOf(name, uses)}`;

export const sourceDigest = () =>
  createHash("sha256")
    .update(SOURCES.map((name) => readFileSync(join(here, name), "utf8")).join(""))
    .digest("hex");

const usesIn = (name, uses) => (uses.length === 0 ? "NULL, 0" : `${name}_uses, sizeof ${name}_uses / 4`);

function header() {
  const all = sections(compile());
  const programs = PROGRAMS.map((name) => program(all, name));
  return `/*
 * Made by generate-bytecode.js; not edited by hand.
 * clang ${clangVersion()}
 * source ${sourceDigest()}
 */
#ifndef ETRUNKD_TRUNK_BYTECODE_H
#define ETRUNKD_TRUNK_BYTECODE_H

#include <stddef.h>
#include <stdint.h>

/* The instruction that loads a map, and which one of trunk_map. */
struct map_use {
  uint16_t at, map;
};

${programs.map(array).join("\n")}
/* By number of trunk_program. */
static const struct program_code {
  const char *name;
  const uint64_t *code;
  size_t length;
  const struct map_use *uses;
  size_t uses_length;
} trunk_code[] = {
${programs
  .map(({ name, uses }) => `    {"trunk_${name}", ${name}_code, sizeof ${name}_code / 8, ${usesIn(name, uses)}},`)
  .join("\n")}
};

#endif
`;
}

if (process.argv[1] === import.meta.filename) {
  const made = header();
  if (process.argv.includes("--print")) process.stdout.write(made);
  else writeFileSync(join(here, "trunk-bytecode.h"), made);
}
