/*
 * What somebody with CAP_BPF does: bpf zero|freeze MAP PID, of a map by its name that a process holds; bpf tcx-add|tcx-del INTERFACE,
 * a program at ingress that passes all frames to the stack.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TCX_INGRESS 46
#define BEFORE_ALL 8

static int bpf(enum bpf_cmd command, union bpf_attr *attributes) {
  int result = (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
  if (result < 0) {
    perror("bpf");
    exit(1);
  }
  return result;
}

static int map_of(uint32_t id, struct bpf_map_info *map) {
  union bpf_attr attributes = {.map_id = id};
  int descriptor = bpf(BPF_MAP_GET_FD_BY_ID, &attributes);
  memset(&attributes, 0, sizeof attributes);
  attributes.info.bpf_fd = (uint32_t)descriptor;
  attributes.info.info_len = sizeof *map;
  attributes.info.info = (uintptr_t)map;
  bpf(BPF_OBJ_GET_INFO_BY_FD, &attributes);
  return descriptor;
}

/* All values of an array become 0, all entries of a hash go. */
static void zero(int descriptor, const struct bpf_map_info *map) {
  char *value = calloc(1024, map->value_size);
  uint32_t key;
  for (uint32_t at = 0; map->type != BPF_MAP_TYPE_HASH && at < map->max_entries; at++) {
    union bpf_attr attributes = {.map_fd = (uint32_t)descriptor, .key = (uintptr_t)&at};
    attributes.value = (uintptr_t)value;
    bpf(BPF_MAP_UPDATE_ELEM, &attributes);
  }
  while (map->type == BPF_MAP_TYPE_HASH) {
    union bpf_attr attributes = {.map_fd = (uint32_t)descriptor};
    attributes.next_key = (uintptr_t)&key;
    if (syscall(SYS_bpf, BPF_MAP_GET_NEXT_KEY, &attributes, sizeof attributes) < 0) break;
    attributes.next_key = 0;
    attributes.key = (uintptr_t)&key;
    bpf(BPF_MAP_DELETE_ELEM, &attributes);
  }
  free(value);
}

static void change(const char *verb, int descriptor, const struct bpf_map_info *map) {
  union bpf_attr attributes = {.map_fd = (uint32_t)descriptor};
  if (strcmp(verb, "zero") == 0) zero(descriptor, map);
  else bpf(BPF_MAP_FREEZE, &attributes);
}

static int maps(const char *verb, const char *name, const char *pid) {
  char path[64], line[128];
  struct bpf_map_info map;
  int found = 0;
  snprintf(path, sizeof path, "/proc/%s/fdinfo", pid);
  DIR *folder = opendir(path);
  for (struct dirent *entry; folder && (entry = readdir(folder));) {
    char file[320];
    uint32_t id;
    snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
    FILE *info = fopen(file, "r");
    while (info && fgets(line, sizeof line, info)) {
      if (sscanf(line, "map_id: %u", &id) != 1) continue;
      memset(&map, 0, sizeof map);
      int descriptor = map_of(id, &map);
      if (strncmp(map.name, name, sizeof map.name - 1) == 0) change(verb, descriptor, &map), found++;
      close(descriptor);
    }
    if (info) fclose(info);
  }
  return found > 0 ? 0 : 1;
}

static int tcx_add(uint32_t ifindex) {
  struct bpf_insn pass[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
  union bpf_attr attributes = {.prog_type = BPF_PROG_TYPE_SCHED_CLS, .insn_cnt = 2};
  attributes.insns = (uintptr_t)pass;
  attributes.license = (uintptr_t) "MIT";
  int program = bpf(BPF_PROG_LOAD, &attributes);
  memset(&attributes, 0, sizeof attributes);
  attributes.target_fd = ifindex;
  attributes.attach_bpf_fd = (uint32_t)program;
  attributes.attach_type = TCX_INGRESS;
  return bpf(BPF_PROG_ATTACH, &attributes);
}

static int tcx_del(uint32_t ifindex) {
  union bpf_attr attributes = {.target_fd = ifindex, .attach_type = TCX_INGRESS};
  attributes.attach_flags = BEFORE_ALL;
  return bpf(BPF_PROG_DETACH, &attributes);
}

int main(int count, char **words) {
  if (count == 4) return maps(words[1], words[2], words[3]);
  if (count != 3) return 2;
  return strcmp(words[1], "tcx-add") == 0 ? tcx_add(if_nametoindex(words[2])) : tcx_del(if_nametoindex(words[2]));
}
