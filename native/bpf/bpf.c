/* The commands of bpf(2) that the Eth-Trunk data plane needs, without libbpf. */
#include "bpf.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* CPUs assumed on a system without /sys; more than any kernel supports. */
#define MOST_CPUS 8192

/* Kernels before 5.11 count maps and programs against RLIMIT_MEMLOCK, 64 KB by default. */
static bool raise_locked_memory(void) {
  static const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
  struct rlimit limit;
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return false;
  if (setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0) return true;
  /* Without CAP_SYS_RESOURCE only up to the hard limit. */
  if (limit.rlim_cur == limit.rlim_max) return false;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_MEMLOCK, &limit) == 0;
}

static int call(enum bpf_cmd command, union bpf_attr *attributes) {
  for (bool raised = false;;) {
    long result = syscall(SYS_bpf, command, attributes, sizeof *attributes);
    if (result >= 0) return (int)result;
    if (errno == EINTR || errno == EAGAIN) continue;
    int error = errno;
    /* Too little locked memory is EPERM too, so the limit is raised before EPERM counts. */
    if (error != EPERM || raised || !raise_locked_memory()) return -error;
    raised = true;
  }
}

/* Cuts a name to the kernel's length. */
static void name_object(char *to, const char *name) { snprintf(to, BPF_OBJ_NAME_LEN, "%s", name); }

int bpf_map_create(enum bpf_map_type type, uint32_t value_size, uint32_t entries, const char *name) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.map_type = type;
  attributes.key_size = sizeof(uint32_t);
  attributes.value_size = value_size;
  attributes.max_entries = entries;
  name_object(attributes.map_name, name);
  return call(BPF_MAP_CREATE, &attributes);
}

static int map_call(enum bpf_cmd command, int map, uint32_t key, const void *value) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.map_fd = (uint32_t)map;
  attributes.key = (uintptr_t)&key;
  attributes.value = (uintptr_t)value;
  return call(command, &attributes);
}

int bpf_map_update(int map, uint32_t key, const void *value) { return map_call(BPF_MAP_UPDATE_ELEM, map, key, value); }

int bpf_map_lookup(int map, uint32_t key, void *value) { return map_call(BPF_MAP_LOOKUP_ELEM, map, key, value); }

int bpf_map_lookup_all(int map, uint32_t entries, void *values) {
  union bpf_attr attributes;
  uint32_t next, keys[entries];
  memset(&attributes, 0, sizeof attributes);
  attributes.batch.map_fd = (uint32_t)map;
  attributes.batch.out_batch = (uintptr_t)&next;
  attributes.batch.keys = (uintptr_t)keys;
  attributes.batch.values = (uintptr_t)values;
  attributes.batch.count = entries;
  int error = call(BPF_MAP_LOOKUP_BATCH, &attributes);
  /* ENOENT: no entry follows. */
  return error == -ENOENT || error == 0 ? (attributes.batch.count == entries ? 0 : -EAGAIN) : error;
}

int bpf_map_delete(int map, uint32_t key) { return map_call(BPF_MAP_DELETE_ELEM, map, key, NULL); }

int bpf_program_load(const char *name, const struct bpf_insn *code, size_t length, char *log, size_t log_size) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.prog_type = BPF_PROG_TYPE_SCHED_CLS;
  attributes.insns = (uintptr_t)code;
  attributes.insn_cnt = (uint32_t)length;
  attributes.license = (uintptr_t) "MIT";
  name_object(attributes.prog_name, name);
  if (log) {
    attributes.log_level = 1;
    attributes.log_buf = (uintptr_t)log;
    attributes.log_size = (uint32_t)log_size;
  }
  return call(BPF_PROG_LOAD, &attributes);
}

/* Headers older than 6.6 do not name it. */
#define TCX_INGRESS 46

int bpf_tcx_count(uint32_t ifindex) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  /* `target_fd` shares its place with the interface index, which older headers do not name either. */
  attributes.query.target_fd = ifindex;
  attributes.query.attach_type = TCX_INGRESS;
  int error = call(BPF_PROG_QUERY, &attributes);
  return error < 0 ? error : (int)attributes.query.prog_cnt;
}

/* The kernel lists ranges such as `0-3`, in practice from 0 without gaps, so the last number tells the count. */
uint32_t bpf_possible_cpus(void) {
  FILE *file = fopen("/sys/devices/system/cpu/possible", "re");
  unsigned last = MOST_CPUS - 1, first, number;
  char separator;
  if (!file) return MOST_CPUS;
  if (fscanf(file, "%u", &first) == 1) {
    last = first;
    while (fscanf(file, "%c%u", &separator, &number) == 2) last = number;
  }
  fclose(file);
  return last < MOST_CPUS ? last + 1 : MOST_CPUS;
}
