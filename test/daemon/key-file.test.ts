import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isCiphertext, openedKey, sealed } from "../../src/config/language/secrets.js";
import { loadHostKey } from "../../src/daemon/configuration/key-file.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "etrunkd-key-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const FILE = "cipher-key";
const hostKey = () => {
  const key = loadHostKey(folder);
  key.keep();
  return key.cipher;
};

describe("the key file", () => {
  test("is made once, for its owner alone, and opens what was sealed before", () => {
    const ciphertext = sealed("secret", hostKey());
    expect(statSync(join(folder, FILE)).mode & 0o777).toBe(0o600);
    const before = readFileSync(join(folder, FILE), "utf8");
    expect(openedKey(ciphertext, hostKey())).toEqual({
      octets: Uint8Array.from(Buffer.from("secret")),
      origin: "configured",
    });
    expect(readFileSync(join(folder, FILE), "utf8")).toBe(before);
  });

  test("is not written by who only reads, and never over another", () => {
    const first = loadHostKey(folder);
    const second = loadHostKey(folder);
    expect(readdirSync(folder)).toEqual([]);
    first.keep();
    expect(() => second.keep()).toThrow(/cipher-key: .*file already exists/);
  });

  test("that is broken opens nothing and is told", () => {
    writeFileSync(join(folder, FILE), "x");
    const { cipher, keep } = loadHostKey(folder);
    expect(openedKey(sealed("secret", cipher), cipher).origin).toBe("unreadable");
    expect(keep).toThrow(/not a key of etrunkd; restore it, or remove it/);
  });

  test("that was lost leaves its ciphertexts closed", () => {
    const ciphertext = sealed("secret", hostKey());
    rmSync(join(folder, FILE));
    expect(openedKey(ciphertext, hostKey())).toEqual({ octets: undefined, origin: "unreadable" });
  });

  test("that may not be read is told by its path", () => {
    const missing = join(folder, "file");
    writeFileSync(missing, "");
    chmodSync(missing, 0o600);
    expect(() => loadHostKey(missing).keep()).toThrow(new RegExp(`^${missing}/${FILE}: not a directory`));
  });
});

test("any key comes back, in a printable text of the documented length that tells nothing of it", () => {
  const cipher = hostKey();
  fc.assert(
    fc.property(fc.stringMatching(/^[ -~]{1,255}$/), (plain) => {
      const text = sealed(plain, cipher);
      expect(isCiphertext(text)).toBe(true);
      expect(text).toMatch(/^%\^%#1:[A-Za-z0-9+/]+%\^%#$/);
      expect(text.length).toBeLessThanOrEqual(432);
      expect(openedKey(text, cipher)).toEqual({
        octets: Uint8Array.from(Buffer.from(plain, "latin1")),
        origin: "configured",
      });
      expect(sealed(plain, cipher)).toBe(text);
    }),
  );
});

test("a ciphertext that was tampered with is not opened, whatever octet it was", () => {
  const cipher = hostKey();
  const text = sealed("a key of some length", cipher);
  for (let at = "%^%#1:".length; at < text.length - "%^%#".length - 1; at++) {
    const other = text[at] === "A" ? "B" : "A";
    expect(openedKey(text.slice(0, at) + other + text.slice(at + 1), cipher).origin).toBe("unreadable");
  }
});
