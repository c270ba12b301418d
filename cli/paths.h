/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding files in folders, in an order that does not depend on the file system. */
#ifndef CLI_PATHS_H
#define CLI_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/text.h"

struct paths {
	char **at; /* owned */
	size_t nr;
};

/*
 * Add the scenario files under path: the file itself, or all *.yaml of the folder and of the
 * folders in it, each folder's entries in order of their bytes. Names that begin with '.' or '_'
 * are left out: those are parts for `include` and `extends`. Returns 0, or -1 with *err.
 */
int paths_add_scenarios(struct paths *p, const char *path, struct sim_err *err);

/* Likewise the folders that hold a file called name, path itself included. */
int paths_add_folders(struct paths *p, const char *path, const char *name, struct sim_err *err);

/* Give all of it back; *p is empty after it. */
void paths_free(struct paths *p);

/* Whether there is anything of this name, a dangling symbolic link included. */
bool path_exists(const char *path);

/* What follows the last '/' of path, slashes at its end not counted; owned by the caller. */
char *path_base(const char *path);

#endif
