{
  "targets": [
    {
      "target_name": "etrunkd",
      # Every C file but those for the kernel (*.bpf.c): a new one is named nowhere.
      "sources": ["<!@(find . -name '*.c' ! -name '*.bpf.c' ! -path './build/*' | sort)"],
      "defines": ["_GNU_SOURCE", "NAPI_VERSION=8"],
      "include_dirs": ["."],
      "cflags": ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-fvisibility=hidden"],
      "libraries": ["-pthread"]
    }
  ]
}
