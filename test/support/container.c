/*
 * container bpf|no-bpf PROGRAM ARGUMENT...: runs a program under a filter of system calls like Docker's default profile without
 * CAP_SYS_ADMIN, with or without bpf(), which older profiles leave to that capability. clone3 fails with ENOSYS, so that libc takes
 * clone.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST 64

/* What the profile leaves to CAP_SYS_ADMIN and others that a container has not. */
static const int REFUSED[] = {SYS_setns,       SYS_unshare,  SYS_mount,          SYS_umount2,      SYS_pivot_root,
                              SYS_keyctl,      SYS_add_key,  SYS_request_key,    SYS_quotactl,     SYS_syslog,
                              SYS_swapon,      SYS_reboot,   SYS_perf_event_open, SYS_init_module, SYS_delete_module,
                              SYS_sethostname, SYS_settimeofday, SYS_userfaultfd, SYS_io_uring_setup, SYS_fanotify_init,
                              SYS_name_to_handle_at, SYS_open_by_handle_at, SYS_process_vm_readv, SYS_acct};

static struct sock_filter filter[2 * MOST + 8];
static unsigned short length;

static void add(unsigned short code, unsigned char if_true, unsigned char if_false, unsigned value) {
  filter[length++] = (struct sock_filter){code, if_true, if_false, value};
}

static void refuse(int call, int error) {
  add(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (unsigned)call);
  add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | (unsigned)error);
}

int main(int count, char **words) {
  if (count < 3) return fprintf(stderr, "usage: container bpf|no-bpf PROGRAM ARGUMENT...\n"), 2;
  add(BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr));
  for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) refuse(REFUSED[i], EPERM);
  refuse(SYS_clone3, ENOSYS);
  if (strcmp(words[1], "no-bpf") == 0) refuse(SYS_bpf, EPERM);
  add(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {length, filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
    execvp(words[2], words + 2);
  return perror("container"), 2;
}
