/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations on maps: mmap, munmap, msync, and loads and stores through them. */
/* Mirrors: no kernel file. */
#include "model/scenario/run_impl.h"

#include <errno.h>

#include "sim/base/math.h"

static struct vm_area *vma_of(const struct exec *x, const struct scn_op *op)
{
	struct run_map *map = x->rs->slots[op->slot].map;

	return map ? map->vma : NULL;
}

/* A map that another one takes the name of stays until the process exits. */
static int64_t do_mmap(struct exec *x, const struct scn_op *op)
{
	struct run_client *rc = &x->rs->clients[x->t->prog->client];
	struct file *file = exec_file(x, op);
	struct run_map *map = NULL;
	struct vm_area *vma;
	int err;

	if (!file)
		return -EBADF;
	vma = sys_mmap(file, sim_add_sat(op->at, x->add), op->len, op->prot == SCN_PROT_WRITE,
		       &err);
	if (vma) {
		map = sim_pool_get(&x->rs->maps);
		map->vma = vma;
		map->prog = exec_owner(x->rs, op->slot, SCN_NONE);
		sim_list_add_tail(&map->entry, &rc->maps);
		err = 0;
	}
	x->rs->slots[op->slot].map = map;
	return err;
}

static int unmap(struct run_state *rs, struct run_map *map)
{
	struct vm_area *vma = map->vma;

	sim_list_del(&map->entry);
	for (uint32_t i = 0; i < rs->scn->names->nr_handles; i++) {
		if (rs->slots[i].map == map)
			rs->slots[i].map = NULL;
	}
	sim_pool_put(&rs->maps, map);
	return sys_munmap(vma);
}

/* Newer maps have lower addresses, and memory goes from the lowest address on. */
static struct run_map *map_of(struct run_client *rc, uint32_t prog)
{
	struct run_map *last = NULL;

	sim_list_for_each (map, &rc->maps, struct run_map, entry)
		if (prog == SCN_NONE || map->prog == prog)
			last = map;
	return last;
}

void exec_exit_mm(struct run_state *rs, struct run_client *rc, uint32_t prog)
{
	struct run_map *map;

	while ((map = map_of(rc, prog)))
		unmap(rs, map);
}

/* Offset of the operation in its map; false: some of its bytes are not in the map. */
static bool offset_in(const struct exec *x, const struct scn_op *op, const struct vm_area *vma,
		      uint64_t *off)
{
	*off = sim_add_sat(op->at, x->add);
	return vma && *off <= vma->len && op->len <= vma->len - *off;
}

/* A page of memory that is not there is a fault: SIGSEGV. */
static void do_mread(struct exec *x, const struct scn_op *op, struct op_result *res)
{
	struct vm_area *vma = vma_of(x, op);
	uint64_t off;

	res->ret = -EFAULT;
	res->has_data = true;
	content_map_init(&res->data, x->rs->model->content);
	if (!offset_in(x, op, vma, &off))
		return;
	res->ret = sys_mread(vma, &res->data, 0, off, op->len);
	if (!res->ret)
		res->data_len = res->bytes_read = op->len;
}

static void do_mwrite(struct exec *x, const struct scn_op *op, struct op_result *res)
{
	struct vm_area *vma = vma_of(x, op);
	struct content_map buf;
	uint64_t off;
	bool valid = offset_in(x, op, vma, &off);

	exec_fill(x, valid ? vma->file->f_inode : NULL, op, &buf, res);
	res->ret = valid ? sys_mwrite(vma, &buf, 0, off, op->len) : -EFAULT;
	if (!res->ret)
		res->bytes_written = op->len;
	content_map_fini(&buf);
}

void exec_map_call(struct exec *x, enum scn_op_kind kind, const struct scn_op *op,
		   struct op_result *res)
{
	struct run_map *map = x->rs->slots[op->slot].map;

	switch (kind) {
	case OP_MMAP:
		res->ret = do_mmap(x, op);
		break;
	case OP_MUNMAP:
		res->ret = map ? unmap(x->rs, map) : -EINVAL;
		break;
	case OP_MREAD:
		do_mread(x, op, res);
		break;
	case OP_MWRITE:
		do_mwrite(x, op, res);
		break;
	default:
		res->ret =
			map ? sys_msync(map->vma, sim_add_sat(op->at, x->add), op->len, op->msync)
			    : -ENOMEM;
		break;
	}
}
