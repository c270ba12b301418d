/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding files in folders, in an order that does not depend on the file system. */
#ifndef CLI_PATHS_H
#define CLI_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/text.h"

struct paths {
	char **at; /* owned; each as path_normal() gives it */
	size_t nr;
};

/* Add one, whatever it is. */
void paths_add(struct paths *p, const char *path);

/* Whether path is one of them; whether it is somewhere under one of them. */
bool paths_have(const struct paths *p, const char *path);
bool paths_cover(const struct paths *p, const char *path);

/*
 * Add the scenario files under path: the file itself, or all *.yaml of the folder and of the
 * folders in it, each folder's entries in order of their bytes. Names that begin with '.' or '_'
 * are left out: those are parts for `include` and `extends`. Returns 0, or -1 with *err; a folder
 * without any is an error.
 */
int paths_add_scenarios(struct paths *p, const char *path, struct sim_err *err);

/* Likewise recordings of kernels: folders that hold a file ops.txt, path itself included. */
int paths_add_recordings(struct paths *p, const char *path, struct sim_err *err);

/* Give all of it back; *p is empty after it. */
void paths_free(struct paths *p);

/* Whether there is anything of this name, a dangling symbolic link included. */
bool path_exists(const char *path);

/* Whether it is one, or a symbolic link to one. */
bool path_is_folder(const char *path);

/*
 * The one name of what may be typed in several ways, owned by the caller: without "." and empty
 * parts and a '/' at the end, without what a ".." takes back (not where that is a symbolic link,
 * which leads elsewhere), relative if it is under the working directory.
 */
char *path_normal(const char *path);

/* Whether path is somewhere under folder; both as path_normal() gives them. */
bool path_is_under(const char *path, const char *folder);

/* What follows the last '/' of path, slashes at its end not counted; owned by the caller. */
char *path_base(const char *path);

#endif
