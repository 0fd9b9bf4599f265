/** The part of buffer-layout 1.2.2 (which ships no types) that etrunkd uses. */
declare module "buffer-layout" {
  export class Layout {
    readonly span: number;
    decode(bytes: Uint8Array, offset?: number): unknown;
    encode(value: unknown, bytes: Uint8Array, offset?: number): number;
  }
  export class Structure extends Layout {
    readonly fields: readonly Layout[];
    offsetOf(name: string): number | undefined;
    override decode(bytes: Uint8Array, offset?: number): Record<string, unknown>;
  }
  const bufferLayout: {
    u8(name: string): Layout;
    u16be(name: string): Layout;
    u32be(name: string): Layout;
    u48be(name: string): Layout;
    blob(length: number, name: string): Layout;
    struct(fields: readonly Layout[]): Structure;
  };
  export default bufferLayout;
}
