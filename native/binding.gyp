{
  "targets": [
    {
      "target_name": "etrunkd",
      "sources": ["addon.c", "ring.c", "send.c", "netlink.c", "link.c", "watch.c", "carrier.c", "channel.c", "system.c",
                  "service.c", "bpf.c", "request.c", "plane.c", "veth.c",
                  "address.c", "route.c", "device.c", "address-watch.c", "udp.c", "udp-filter.c", "fdb.c",
                  "bfd-pacer.c", "bfd-endpoint.c", "bfd-thread.c"],
      "defines": ["_GNU_SOURCE", "NAPI_VERSION=8"],
      "cflags": ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-fvisibility=hidden"],
      "libraries": ["-pthread"]
    }
  ]
}
