/* bpf(2) without libbpf. Every function returns a descriptor or 0, or negative errno. */
#ifndef ETRUNKD_BPF_H
#define ETRUNKD_BPF_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

int bpf_map_create(enum bpf_map_type type, uint32_t value_size, uint32_t entries, const char *name);
/* Keys are 32 bits wide in every map here. */
int bpf_map_update(int map, uint32_t key, const void *value);
int bpf_map_lookup(int map, uint32_t key, void *value);
/* Every value of an array, in order; since Linux 5.6. */
int bpf_map_lookup_all(int map, uint32_t entries, void *values);
int bpf_map_delete(int map, uint32_t key);
/* A program for traffic control. The verifier's log goes to `log`, which may be NULL. */
int bpf_program_load(const char *name, const struct bpf_insn *code, size_t length, char *log, size_t log_size);
/* The number of TCX programs at the ingress of an interface, since Linux 6.6. */
int bpf_tcx_count(uint32_t ifindex);
/* The number of CPUs a per-CPU map has values for, at least. */
uint32_t bpf_possible_cpus(void);

#endif
