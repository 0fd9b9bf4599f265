import type { z } from "zod";
import { assert } from "../core/base/assert.js";
import {
  type Action,
  type Collection,
  type Feature,
  type Path,
  type Position,
  SYSTEM,
  type ViewParts,
} from "./feature.js";
import { Rows, type Syntax, type Words } from "./language/match.js";
import { compile } from "./language/pattern.js";
import { type AnySetting, attributeOf, type Fields, type Settings } from "./language/setting.js";
import { schemaOfModel } from "./model-schema.js";
import { inOrder, type Order, PRINTED, sectionsInOrder } from "./order.js";

/** The effect of one line of a view. */
export type ConfigurationRow = Syntax &
  (
    | { readonly does: "set" | "undo"; readonly attribute: string; readonly setting: AnySetting }
    | { readonly does: "act"; readonly action: Action }
    /** A documented command that does not exist here, so that it differs from a mistyped one. */
    | { readonly does: "nothing"; readonly refusal: string }
  );

/** A view with the rows that all features give it. */
export interface View {
  readonly name: string;
  readonly kind: string;
  readonly takesSystemLines: boolean;
  /** What follows the name of the host in the prompt; empty in system view. */
  readonly promptOf: (name: string) => string;
  /** Collection of the objects that the view shows; undefined: the view shows the model itself. */
  readonly collection: Collection | undefined;
  /** In printed order. */
  readonly settings: Settings;
  readonly rows: Rows<ConfigurationRow>;
  readonly unavailable: Rows<ConfigurationRow>;
}

/** An object of the model with its view and its path. */
export interface Place {
  readonly view: View;
  readonly record: { [attribute: string]: unknown };
  readonly path: Path;
}

/** One-line commands of system view by attribute, or the objects of a collection. */
export type Section = readonly string[] | Collection;

/** The language of a list of features: its views with their rows, the objects of the model, and the printed order. */
export class Grammar {
  readonly features: readonly Feature[];
  readonly views: ReadonlyMap<string, View>;
  /** In printed order. */
  readonly sections: readonly Section[];
  readonly collections: readonly Collection[];
  /** Schema of a model's JSON. The message of an issue says what was expected. */
  readonly schema: z.ZodType<Fields>;
  /** Attributes whose values no message may quote. */
  readonly keyAttributes: ReadonlySet<string>;

  constructor(features: readonly Feature[], order: Order = PRINTED) {
    this.features = features;
    const collections = features.flatMap((feature) => feature.collections ?? []);
    const views = features.flatMap((feature) => feature.views ?? []);
    this.views = new Map(views.map((parts) => [parts.name, viewOf(parts, features, order, collections)]));
    const system = rowsOf(features, SYSTEM.view);
    this.sections = sectionsInOrder(system, collections, order);
    this.collections = this.sections.flatMap((section) => ("attribute" in section ? [section] : []));
    const settings = [...this.views.values()].flatMap((view) => Object.entries(view.settings));
    this.keyAttributes = new Set(settings.flatMap(([attribute, { hasKeys }]) => (hasKeys ? [attribute] : [])));
    this.schema = schemaOfModel(this.settingsOf("system"), this.collections, (view) => this.settingsOf(view));
  }

  viewCalled(name: string): View {
    const view = this.views.get(name);
    assert(view !== undefined, `no feature brings the view ${name}`);
    return view;
  }

  /** Reason that an attribute must not change in the running system; undefined when it may. */
  refusalOf(model: Fields, position: Position, attribute: string, value: unknown): string | undefined {
    const settings = this.settingsOf(position.view);
    const userOf = (path: Path) => this.userOf(model, path);
    const change = { model: model as never, position, attribute, value, settings, userOf };
    for (const { refuses } of this.features) {
      const refusal = refuses?.(change);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  /** Name of the user of an object or value, for refusals; undefined without one. */
  userOf(model: Fields, path: Path): string | undefined {
    for (const { userOf } of this.features) {
      const user = userOf?.(model as never, path);
      if (user !== undefined) return user;
    }
    return undefined;
  }

  settingsOf(view: string): Settings {
    return this.viewCalled(view).settings;
  }

  /** The views of the objects of a collection. */
  viewsOf(collection: string): readonly View[] {
    return [...this.views.values()].filter((view) => view.collection?.attribute === collection);
  }

  /** Every object of the model; the model itself first. */
  *placesIn(model: Fields): Generator<Place> {
    yield { view: this.viewCalled("system"), record: this.recordAt(model, SYSTEM), path: [] };
    for (const collection of this.collections)
      for (const name of namesIn(model, collection)) {
        const position = collection.positionOf(name);
        const record = this.recordAt(model, position);
        yield { view: this.viewCalled(position.view), record, path: this.pathAt(position) };
      }
  }

  /** The object a position shows, as attributes by name; the model itself in system view. */
  recordAt(model: Fields, { view, name }: Position): { [attribute: string]: unknown } {
    const { collection } = this.viewCalled(view);
    if (collection === undefined) return model as { [attribute: string]: unknown };
    const all = (attributeOf(model, collection.attribute) ?? {}) as {
      [name: string]: { [attribute: string]: unknown };
    };
    if (collection.isSingle) return all;
    return Object.hasOwn(all, name) ? (all[name] ?? {}) : {};
  }

  /** The object that a position shows exists, or needs none to be shown. */
  hasObject(model: Fields, { view, name }: Position): boolean {
    const { collection } = this.viewCalled(view);
    if (collection === undefined || collection.dropsEmpty || collection.always?.includes(name)) return true;
    const objects = attributeOf(model, collection.attribute) as Fields | undefined;
    return objects !== undefined && (collection.isSingle === true || Object.hasOwn(objects, name));
  }

  /** The same to write into: a copy of its own, for models share objects. An object that exists only with settings is made. */
  ownRecordAt(model: Fields, position: Position): { [attribute: string]: unknown } {
    const { collection } = this.viewCalled(position.view);
    const whole = model as { [attribute: string]: unknown };
    if (collection === undefined) return whole;
    const record = { ...this.recordAt(model, position) };
    if (collection.isSingle) whole[collection.attribute] = record;
    else {
      const objects = (attributeOf(model, collection.attribute) ?? {}) as { [name: string]: unknown };
      objects[position.name] = record;
      whole[collection.attribute] = objects;
    }
    return record;
  }

  /** Path of the object that a position shows. */
  pathAt({ view, name }: Position): Path {
    const { collection } = this.viewCalled(view);
    if (collection === undefined) return [];
    return collection.isSingle ? [collection.attribute] : [collection.attribute, name];
  }
}

/** Names of the objects of a collection; the only one has none. */
export function namesIn(model: Fields, { attribute, isSingle }: Collection): string[] {
  const value = attributeOf(model, attribute);
  if (value === undefined) return [];
  return isSingle ? [""] : Object.keys(value as Fields);
}

/** The rows that each feature gives a view. */
const rowsOf = (features: readonly Feature[], view: string): Settings[] =>
  features.flatMap(({ rows = {} }) => (rows[view] === undefined ? [] : [rows[view]]));

const UNDO_WORDS: Words = { undo: "Restore a default or delete" };

function viewOf(
  { name, kind, collection, takesSystemLines = false, promptOf }: ViewParts,
  features: readonly Feature[],
  order: Order,
  collections: readonly Collection[],
): View {
  const settings = inOrder(rowsOf(features, name), order.attributes[name] ?? []);
  const actions = features.flatMap((feature) => feature.actions?.[name] ?? []);
  const rows = actions.map((action): ConfigurationRow => ({ ...action, does: "act", action }));
  for (const [attribute, setting] of Object.entries(settings)) {
    if (setting.inViewLine) continue;
    const { pattern, undo, help, words, command } = setting;
    rows.push({ does: "set", attribute, setting, pattern, help, words });
    const undoHelp = `Remove ${command}, or restore its default`;
    rows.push({ does: "undo", attribute, setting, pattern: undo, help: undoHelp, words: UNDO_WORDS });
  }
  const words = Object.assign({}, ...features.map((feature) => feature.words ?? {})) as Words;
  const unavailable = features.flatMap((feature) => feature.unavailable?.[name] ?? []).map(unavailableRow);
  return {
    name,
    kind,
    takesSystemLines,
    promptOf: promptOf ?? ((object) => (object === "" ? name : `${name}-${object}`)),
    collection: collections.find(({ attribute }) => attribute === collection),
    settings,
    rows: new Rows(rows, words),
    unavailable: new Rows(unavailable),
  };
}

function unavailableRow(syntax: string): ConfigurationRow {
  const refusal = `${syntax} is not available in this version.`;
  return { does: "nothing", refusal, pattern: compile(syntax, {}), help: refusal, words: {} };
}
