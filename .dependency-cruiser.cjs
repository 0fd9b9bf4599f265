/** What the core asks of the machine. */
const MACHINE = ["core/contract/host.ts", "core/contract/pacing.ts", "core/contract/desired/network.ts"];

/**
 * Who may import whom: the second of the three import gates (src/ARCHITECTURE.md). A row names a folder or file of src and
 * everything it may import besides itself; whatever is not listed is refused. `node:` stands for Node's own modules.
 */
const rows = [
  ["core/base", []],
  ["core/wire", ["core/base"]],
  ["core/wire/layout.ts", ["core/base", "buffer-layout"]],
  ["core/contract", ["core/base"]],
  ["core/contract/desired", ["core/base"]],
  ["core/device", ["core/base", "core/wire", "core/contract", "core/lacp", "core/ethtrunk", "core/etrunk"]],
  ["core/parts", ["core"]],
  ["core/engine", ["core"]],
  ["config", ["core/base", "core/contract/desired", "zod"]],
  ["linux", ["core/base", "core/wire", ...MACHINE, "native", "cap", "raw-socket", "node:"]],
  ["daemon", ["core", "config", "linux", "pino", "zod", "commander", "prom-client", "node:"]],
  [
    "cli",
    ["config", "core/base", "core/wire", "core/contract/questions.ts", "daemon/questions.ts", "commander", "node:"],
  ],
  ["lab", ["linux", "daemon/questions.ts", "node:"]],
  ["etrunkd.ts", ["daemon", "node:"]],
  ["etrunkctl.ts", ["cli", "node:"]],
];

const inSource = (name) => (name.endsWith(".ts") ? `^src/${name.replace(".", "\\.")}$` : `^src/${name}/`);

/** `native` is the addon at the top; a name with neither a slash, a `.ts` nor a folder of src is a package. */
const isFolder = (name) => /^(core|config|linux|daemon|cli|lab)(\/|$)/.test(name);
const target = (name) => {
  if (name === "native") return "^native/";
  if (isFolder(name) || name.endsWith(".ts")) return inSource(name);
  return `(^|/)node_modules/(@types/)?${name}/`;
};

/** A longer row speaks for its files alone: core/wire/layout.ts has its own, so core/wire's leaves it out. */
const exceptions = (name) => rows.map(([other]) => other).filter((other) => other.startsWith(`${name}/`));

const mayImport = ([name, allowed]) => ({
  name: `${name} imports only ${[name, ...allowed].join(", ")}`,
  severity: "error",
  from: { path: inSource(name), pathNot: exceptions(name).map(inSource) },
  to: {
    pathNot: [inSource(name), ...allowed.filter((other) => other !== "node:").map(target)],
    ...(allowed.includes("node:") ? { dependencyTypesNot: ["core"] } : {}),
  },
});

const PROTOCOL = "^src/core/([a-z0-9]+)/";
const SHARED_CORE = ["^src/core/(base|wire|contract|device|parts|engine)/"];

module.exports = {
  forbidden: [
    ...rows.map(mayImport),
    { name: "no circle", severity: "error", from: { path: "^src/" }, to: { circular: true } },
    {
      name: "a protocol imports only itself, core/base, core/wire, core/contract/desired, core/contract/pacing.ts",
      severity: "error",
      from: { path: PROTOCOL, pathNot: SHARED_CORE },
      to: { pathNot: ["^src/core/$1/", "^src/core/(base|wire)/", "^src/core/contract/(desired/|pacing\\.ts$)"] },
    },
    {
      name: "core/parts imports nothing of core/engine",
      severity: "error",
      from: { path: "^src/core/parts/" },
      to: { path: "^src/core/engine/" },
    },
    {
      name: "a part imports no other part: influences.ts says what one does to another",
      severity: "error",
      from: { path: "^src/core/parts/([a-z0-9-]+)/" },
      to: { path: "^src/core/parts/(?!$1/)[a-z0-9-]+/" },
    },
    {
      name: "who asks a daemon imports the types of daemon/questions.ts and loads nothing of it",
      severity: "error",
      from: { path: ["^src/cli/", "^src/lab/"] },
      to: { path: inSource("daemon/questions.ts"), dependencyTypesNot: ["type-only"] },
    },
    {
      name: "a file outside the folders above imports nothing",
      severity: "error",
      from: { path: "^src/", pathNot: [...rows.map(([name]) => inSource(name)), PROTOCOL] },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "types"] },
  },
};
