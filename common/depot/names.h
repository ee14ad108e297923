/* Every name in the depot, said once; and the check of names that come from outside before they become part of a path. */
#ifndef COMMON_DEPOT_NAMES_H
#define COMMON_DEPOT_NAMES_H

#include "common/base/error.h"

/* Below a bundle, depot/HANDLE. */
#define NAME_BUNDLE "config.json"
#define NAME_RECORD "record.json"
#define NAME_HOSTS "hosts"
#define NAME_RESOLV "resolv.conf"
#define NAME_CREATE_LOG "create.log"
#define NAME_INIT_PID "pidfile"
#define NAME_PROCESSES "processes"
#define NAME_PROPERTIES "properties.json" /* of this suite only: strings that clients keep on it */
#define NAME_ROOTFS "rootfs"              /* of this suite only: where a root filesystem with shifted ids is mounted */
/* and dadoo.ID.log, see name_shim_log */
#define NAME_STARTER "starter" /* of this suite only: pid and start time of the runtime command that creates it */

/* Below a process directory, depot/HANDLE/processes/ID. The first five are FIFOs, made in this order. */
#define NAME_STDIN "stdin"
#define NAME_STDOUT "stdout"
#define NAME_STDERR "stderr"
#define NAME_WINSZ "winsz"
#define NAME_EXIT "exit"
#define NAME_PID "pidfile"
#define NAME_EXITCODE "exitcode"
/* Of this suite only; other tools ignore them. */
#define NAME_SHIM "shim"                   /* dadoo's pid and start time, written before its first open */
#define NAME_STARTED "started"             /* the process's pid and start time, written by dadoo */
#define NAME_STDIN_HOLD "stdin.hold"       /* while it is there dadoo keeps a writer on stdin; removed = end of input */
#define NAME_TERMINAL "terminal"           /* there if the process has a terminal */
#define NAME_TERMINAL_LOST "terminal.lost" /* what it is renamed to when the shim that held the terminal has died */

/* "dadoo.ID.log"; the caller frees it. */
char *name_shim_log(const char *id);

/* What a handle's directory is renamed to before it is removed. '~' is in no handle, so nothing can collide with it, and
 * lists pass it over. The caller frees it. */
#define NAME_GONE_MARK '~'
char *name_gone(const char *handle);

/* A handle or process id may hold [A-Za-z0-9_+.-], be neither "." nor "..", and be short enough for every name derived from
 * it. ERROR_BAD_INPUT otherwise, with a text that names what is wrong. */
int name_check_handle(const char *handle, struct error *err);
int name_check_id(const char *id, struct error *err);

/* A random UUID, version 4, lower case; the caller frees it. */
char *name_random(void);

#endif
