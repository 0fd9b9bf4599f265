import type { Bindings } from "../facts.js";
import type { Path, TiesOf } from "../feature.js";
import type { Grammar } from "../grammar.js";
import { attributeOf, type Fields } from "../language/setting.js";
import type { Model } from "../model.js";

type Objects = { readonly [name: string]: Fields };

/** Names of the objects of a large collection, by tie. */
export type TieIndex = Map<string, string[]>;

/** What a large model is looked at through: the objects that have to do with what a line changes. */
export class Ties {
  readonly #bindings: Bindings;
  readonly #large: string | undefined;
  readonly #concernsAll: ReadonlySet<string>;
  readonly #ofCollection: ReadonlyMap<string, readonly TiesOf[]>;
  readonly #indices = new WeakMap<Model, TieIndex>();

  constructor(grammar: Grammar, bindings: Bindings) {
    this.#bindings = bindings;
    this.#large = grammar.collections.find(({ isLarge }) => isLarge)?.attribute;
    this.#concernsAll = new Set(grammar.features.flatMap(({ concernsAll = [] }) => concernsAll));
    const all = ({ attribute }: { readonly attribute: string }) =>
      grammar.features.flatMap(({ ties }) => ties?.[attribute] ?? []);
    this.#ofCollection = new Map(grammar.collections.map((collection) => [collection.attribute, all(collection)]));
  }

  /** The index of a model that stays as it is. Sessions that began with the same one share it. */
  indexOf(model: Model): TieIndex {
    const known = this.#indices.get(model);
    if (known !== undefined) return known;
    const index: TieIndex = new Map();
    for (const name of Object.keys(this.#objectsOf(model))) this.add(index, model, [this.#large ?? "", name]);
    this.#indices.set(model, index);
    return index;
  }

  /** Adds an object to the index, where it is one of the large collection. */
  add(index: TieIndex, model: Model, path: Path): void {
    const [collection, name] = path;
    if (collection !== this.#large || name === undefined) return;
    for (const tie of this.#tiesAt(model, path)) {
      const names = index.get(tie);
      if (names === undefined) index.set(tie, [name]);
      else if (!names.includes(name)) names.push(name);
    }
  }

  /** Names of the objects that are tied to any at `paths`, in any of the models; undefined: it may be all. */
  near(paths: readonly Path[], models: readonly Model[], indices: readonly TieIndex[]): Set<string> | undefined {
    const near = new Set<string>();
    for (const path of paths) {
      const [collection = "", name] = path;
      if (this.#concernsAll.has(collection)) return undefined;
      if (collection === this.#large && name !== undefined) near.add(name);
      for (const tie of models.flatMap((model) => this.#tiesAt(model, path)))
        for (const index of indices) for (const other of index.get(tie) ?? []) near.add(other);
    }
    return near;
  }

  /** The model with no other objects of the large collection than these. */
  excerpt(model: Model, names: readonly string[] | undefined): Model {
    if (names === undefined || this.#large === undefined) return model;
    const objects = this.#objectsOf(model);
    const there = names.filter((name) => Object.hasOwn(objects, name));
    return { ...model, [this.#large]: Object.fromEntries(there.map((name) => [name, objects[name]])) };
  }

  #objectsOf(model: Model): Objects {
    return (attributeOf(model, this.#large ?? "") ?? {}) as Objects;
  }

  #tiesAt(model: Model, [collection = "", name]: Path): readonly string[] {
    if (name === undefined) return [];
    const objects = attributeOf(model, collection) as Objects | undefined;
    const record = objects === undefined ? undefined : (attributeOf(objects, name) as Fields | undefined);
    if (record === undefined) return [];
    return (this.#ofCollection.get(collection) ?? []).flatMap((tiesOf) => tiesOf(name, record, this.#bindings));
  }
}
