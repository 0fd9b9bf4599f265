/**
 * The row printer of a table whose values start at these 0-based columns. A value too wide for its place pushes the rest
 * right by what it needs, one blank at least between.
 */
export const columns =
  (...starts: readonly number[]) =>
  (...values: readonly (string | number)[]): string => {
    let text = "";
    let pushed = 0;
    for (const [n, value] of values.entries()) {
      const place = (starts[n] ?? 0) + pushed;
      const start = n === 0 ? place : Math.max(place, text.length + 1);
      pushed += start - place;
      text = text.padEnd(start) + value;
    }
    return text.trimEnd();
  };

export const rule = (length = 80): string => "-".repeat(length);

/** `00:e0:fc:12:34:55`, the form of JSON, as displays print it: `00e0-fc12-3455`. */
export const printMac = (mac: string): string => mac.replaceAll(":", "").replace(/....(?=.)/g, "$&-");

/** An address as displays print it: IPv6 in upper case, none as `-`. */
export const printAddress = (address: string | null): string => address?.toUpperCase() ?? "-";

const two = (n: number): string => String(n).padStart(2, "0");

/** An ISO 8601 time as `yyyy-mm-dd` and `hh:mm:ss` of the local time zone. */
export function localTime(iso: string): { readonly date: string; readonly time: string } {
  const at = new Date(iso);
  return {
    date: `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
    time: `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`,
  };
}

/** The local time zone at an ISO 8601 time, `+01:00`. */
export function zoneOf(iso: string): string {
  const minutes = -new Date(iso).getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Breaks a text at blanks into lines of at most `width` characters; a longer word is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (let word of text.split(/\s+/).filter((part) => part !== "")) {
    while (word.length > width) {
      if (line !== "") lines.push(line);
      line = "";
      lines.push(word.slice(0, width));
      word = word.slice(width);
    }
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" && lines.length > 0 ? lines : [...lines, line];
}
