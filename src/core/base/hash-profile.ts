/** How a trunk spreads flows over its members (`load-balance`). `flow` is the default where none is given. */
export type HashProfile = "flow" | "src-dst-ip" | "src-dst-mac" | "packet-all" | "symmetric" | "symmetric-complement";
