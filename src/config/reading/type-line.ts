import { ANY_KERNEL } from "../facts.js";
import type { Finding, Path, Position } from "../feature.js";
import type { Place } from "../grammar.js";
import { errorText } from "../language/line.js";
import { attributeOf } from "../language/setting.js";
import { type Model, pathText } from "../model.js";
import { type Applied, applyLine } from "./apply.js";
import { checkFeature, checkRows, warnOfKeys } from "./check.js";
import { isEqual } from "./differences.js";
import { normalised, withoutDefaults } from "./normalise.js";
import { type Target, type WholeTarget, wholeTarget } from "./target.js";
import { type TieIndex, Ties } from "./ties.js";

export type Typed =
  | {
      readonly ok: true;
      readonly position: Position;
      readonly kept: boolean;
      readonly warnings: readonly string[];
      /** The line as it is stored, full keywords and keys as ciphertext, and the view whose command it is. */
      readonly stored: string;
      readonly at: Position;
      /** Something is not what it was before the line. */
      readonly changed: boolean;
    }
  | (Applied & { readonly ok: false });

type Tree = { [key: string]: unknown };

/**
 * A model that lines are typed into. A line costs what it touches: it is checked with the objects that are tied to those it
 * changes, and the whole is checked at commit. The model it began with stays as it is; objects that no line changed are shared.
 */
export class Draft {
  readonly #target: WholeTarget;
  readonly #ties: Ties;
  readonly #base: Model;
  readonly #index: TieIndex;
  /** Ties of the objects that lines changed. */
  readonly #changedIndex: TieIndex = new Map();
  /** Objects that differ from the base. */
  readonly #changed = new Set<string>();
  /** What the lines so far have made, and what the line at hand makes of it. New objects stand last. */
  readonly #present: Model;
  readonly #next: Model;
  #model: Model | undefined;

  constructor(base: Model, target: Target = {}, ties?: Ties) {
    // Between two lines a configuration may ask for what this kernel cannot do: that is judged when it is to run.
    this.#target = { ...wholeTarget(target), kernel: ANY_KERNEL };
    this.#ties = ties ?? new Ties(this.#target.grammar, this.#target.bindings);
    this.#base = base;
    this.#index = this.#ties.indexOf(base);
    this.#present = this.#copyOf(base);
    this.#next = this.#copyOf(base);
    this.#model = base;
  }

  /** The model, in printed order. */
  get model(): Model {
    this.#model ??= normalised(this.#present, this.#target.grammar);
    return this.#model;
  }

  /** The same without its order, at no cost. It is to be read only, and before the next line. */
  get present(): Model {
    return this.#present;
  }

  get isChanged(): boolean {
    return this.#changed.size > 0;
  }

  /** Applies one line as a person types it in a view. A line that adds a problem to the model is refused too. */
  type(position: Position, text: string): Typed {
    const applied = applyLine(this.#next, position, text, "typed", this.#target);
    if (!applied.ok) return applied;
    const { wrote, warnings } = applied;
    const objects = this.#objectsOf(wrote);
    const near = this.#ties.near(objects, [this.#present, this.#next], [this.#index, this.#changedIndex]);
    const names = near && [...near].sort(this.#compare);
    const brought = this.#news(objects, names, (model, places) => this.#problemsOf(model, places))[0];
    if (brought !== undefined) {
      for (const path of objects) put(this.#next, path, valueAt(this.#present, path));
      return { ok: false, refusal: refusalOf(brought, wrote) };
    }
    const told = this.#news(objects, names, (model, places) => this.#warningsOf(model, places));
    return { ...applied, warnings: [...warnings, ...told.map(({ text }) => text)], changed: this.#settle(objects) };
  }

  /** What the line has brought: what is found now and was not before. */
  #news(
    objects: readonly Path[],
    names: readonly string[] | undefined,
    find: (excerpt: Model, places: readonly Place[]) => Finding[],
  ): Finding[] {
    if (objects.length === 0) return [];
    const found = (model: Model) => find(this.#ties.excerpt(model, names), this.#placesAt(objects, model));
    const before = new Set(found(this.#present).map(keyOf));
    return found(this.#next).filter((finding) => !before.has(keyOf(finding)));
  }

  #problemsOf(model: Model, places: readonly Place[]): Finding[] {
    const { features } = this.#target.grammar;
    return [...checkRows(places), ...features.flatMap((feature) => checkFeature(feature, model, this.#target))];
  }

  #warningsOf(model: Model, places: readonly Place[]): Finding[] {
    const { grammar, cipher } = this.#target;
    return [
      ...warnOfKeys(places, cipher),
      ...grammar.features.flatMap(({ warn }) => warn?.(model as never, cipher) ?? []),
    ];
  }

  /** The line stands. True when something is not what it was. */
  #settle(objects: Path[]): boolean {
    const { grammar } = this.#target;
    for (const { complete } of grammar.features)
      for (const [attribute, value] of Object.entries(complete?.(this.#next as never) ?? {}))
        if (value !== attributeOf(this.#next, attribute)) {
          put(this.#next, [attribute], value);
          objects.push([attribute]);
        }
    let changed = false;
    for (const path of objects) {
      put(this.#next, path, this.#normal(path));
      const value = valueAt(this.#next, path);
      if (isEqual(value, valueAt(this.#present, path))) continue;
      changed = true;
      put(this.#present, path, value);
      this.#ties.add(this.#changedIndex, this.#present, path);
      if (isEqual(value, valueAt(this.#base, path))) this.#changed.delete(path.join("\0"));
      else this.#changed.add(path.join("\0"));
    }
    if (changed) this.#model = undefined;
    return changed;
  }

  /** The value at a path of the next model, without defaults; undefined where nothing is to stand. */
  #normal(path: Path): unknown {
    const value = valueAt(this.#next, path);
    if (value === undefined) return undefined;
    const { grammar } = this.#target;
    const [place] = this.#placesAt([path], this.#next);
    if (place === undefined || place.path.length === 0) {
      const [attribute = ""] = path;
      return withoutDefaults(grammar.settingsOf("system"), { [attribute]: value })[attribute];
    }
    const record = withoutDefaults(place.view.settings, place.record);
    return place.view.collection?.dropsEmpty && Object.keys(record).length === 0 ? undefined : record;
  }

  /** What a line wrote: an object each, or an attribute of system view. A collection that it removed is each of its objects. */
  #objectsOf(wrote: readonly Path[]): Path[] {
    const objects = new Map<string, Path>();
    for (const [first = "", second] of wrote) {
      const collection = this.#collectionOf(first);
      const names = (model: Model) => Object.keys((attributeOf(model, first) ?? {}) as object);
      const paths: Path[] =
        collection === undefined || collection.isSingle
          ? [[first]]
          : (second === undefined ? [...names(this.#present), ...names(this.#next)] : [second]).map((n) => [first, n]);
      for (const path of paths) objects.set(path.join("\0"), path);
    }
    return [...objects.values()];
  }

  /** The places of a model that stand at these paths. */
  #placesAt(paths: readonly Path[], model: Model): Place[] {
    const { grammar } = this.#target;
    const system = paths.some(([first = ""]) => this.#collectionOf(first) === undefined);
    const itself: Place = { view: grammar.viewCalled("system"), record: model as Tree, path: [] };
    const objects = paths.flatMap((path): Place[] => {
      const [first = "", name = ""] = path;
      const position = this.#collectionOf(first)?.positionOf(name);
      const record = valueAt(model, path) as Tree | undefined;
      if (position === undefined || record === undefined) return [];
      return [{ view: grammar.viewCalled(position.view), record, path }];
    });
    return system ? [itself, ...objects] : objects;
  }

  #collectionOf(attribute: string) {
    return this.#target.grammar.collections.find((collection) => collection.attribute === attribute);
  }

  #compare = (a: string, b: string): number =>
    this.#target.grammar.collections.find(({ isLarge }) => isLarge)?.compare(a, b) ?? 0;

  /** A copy whose collections can be written; it shares the objects. */
  #copyOf(model: Model): Model {
    const copy: Tree = { ...model };
    for (const { attribute, isSingle } of this.#target.grammar.collections)
      if (!isSingle && copy[attribute] !== undefined) copy[attribute] = { ...(copy[attribute] as Tree) };
    return copy as Model;
  }
}

/** The value of an attribute of system view, or an object. */
function valueAt(model: Model, [first = "", second]: Path): unknown {
  const value = attributeOf(model, first);
  if (second === undefined || value === undefined) return second === undefined ? value : undefined;
  return attributeOf(value as object, second);
}

/** Puts it there; undefined removes. */
function put(model: Model, [first = "", second]: Path, value: unknown): void {
  const whole = model as Tree;
  if (second === undefined) {
    if (value === undefined) delete whole[first];
    else whole[first] = value;
    return;
  }
  const objects = (attributeOf(model, first) ?? {}) as Tree;
  whole[first] = objects;
  if (value === undefined) delete objects[second];
  else objects[second] = value;
}

/**
 * The text of a refusal. A problem elsewhere in the model is named with its place, a problem of the line itself is not.
 */
function refusalOf({ path, text }: Finding, wrote: readonly Path[]): string {
  const own = wrote.some((written) => pathText(written) === pathText(path));
  return own ? text : `${pathText(path)}: ${text}`;
}

const keyOf = ({ path, text }: { readonly path: readonly string[]; readonly text: string }): string =>
  [...path, text].join("\0");

/** Why a line failed, in one line. */
export const refusalText = (typed: Typed & { readonly ok: false }): string =>
  "error" in typed ? errorText(typed.error) : typed.refusal;
