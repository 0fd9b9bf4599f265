// Prints the full name of every test in the files named on the command line, also of those that would be left out here.
import { relative, resolve } from "node:path";
import { createVitest } from "vitest/node";

const vitest = await createVitest("test", { config: ".vitest.config.ts", watch: false, run: true, reporters: [] });
const { testModules } = await vitest.collect(process.argv.slice(2));
/** `/x/test/cli/a.test.ts` -> `cli/a` */
const idOf = (file) => relative(resolve(import.meta.dirname, ".."), file).replace(/\.test\.ts$/, "");
const names = testModules.flatMap(({ moduleId, children }) =>
  [...children.allTests()].map(({ fullName }) => ({ file: idOf(moduleId), name: fullName })),
);
console.log(JSON.stringify(names));
await vitest.close();
