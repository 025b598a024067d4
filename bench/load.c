/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Instructions for loading signed lists through the request channel, in a guest that counts them,
 * and for the same work in user space. Prints one JSON object.
 *
 * usage: bench-load CERT LISTS
 *
 * Where they go is found by requests that end early: a list whose PKCS#7 has another form ends
 * behind copying and parsing of the head; one that is loaded already ends behind the signature.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"
#include "../lib/crypto/verify.h"
#include "../lib/format/payload.h"

struct result {
	uint64_t add, again, malformed, verify_here, parse_here, remove;
};

static struct err err;

static void measure_kernel(struct engine *e, const struct listfile *l, struct result *r)
{
	uint8_t sig[DIGLIM_SIG_MAX];

	memcpy(sig, l->sig, l->sig_len);
	sig[0] ^= 1;
	r->malformed += guest_request(e, l, sig, -DIGLIM_E_SIG_FORMAT);
	r->add += guest_request(e, l, l->sig, 0);
	r->again += guest_request(e, l, l->sig, -DIGLIM_E_EXISTS);
}

static int count(const struct payload_entry *entry, void *arg)
{
	uint32_t *n = arg;

	(*n)++;
	return 0;
}

static void measure_here(const struct guest *g, const struct listfile *l, struct result *r)
{
	uint32_t digests = 0;
	uint64_t start = guest_instructions(), middle, end;

	if (verify_list(l->payload, l->payload_len, l->sig, l->sig_len, &g->certs, NULL, &err))
		guest_die(err.text);
	middle = guest_instructions();
	if (payload_walk(l->payload, l->payload_len, "list", NULL, count, &digests, &err) ||
	    !digests)
		guest_die(err.text);
	end = guest_instructions();
	r->verify_here += middle - start;
	r->parse_here += end - middle;
}

static void measure_remove(struct engine *e, const struct listfile *l, struct result *r)
{
	struct payload_info info;
	uint64_t start;

	if (payload_walk(l->payload, l->payload_len, "list", &info, NULL, NULL, &err))
		guest_die(err.text);
	start = guest_instructions();
	if (engine_list_remove(e, info.list_id, &err))
		guest_die(err.text);
	r->remove += guest_instructions() - start;
}

int main(int argc, char **argv)
{
	struct engine_status s;
	struct result r = {0};
	struct engine *e;
	struct guest g;
	double n;

	if (argc != 3) {
		fprintf(stderr, "usage: bench-load CERT LISTS\n");
		return 2;
	}
	guest_open(&g, argv[1], argv[2]);
	e = guest_attach(&g, DIGLIM_INTERPRETERS_OFF);
	for (unsigned int i = 0; i < g.lists; i++) {
		measure_kernel(e, &g.list[i], &r);
		measure_here(&g, &g.list[i], &r);
	}
	if (engine_status_get(e, &s, &err) || s.state.digests != g.digests)
		guest_die("not every digest is in the store");
	for (unsigned int i = 0; i < g.lists; i++)
		measure_remove(e, &g.list[i], &r);
	guest_detach(e);
	n = g.lists;
	printf("{\"lists\": %u, \"digests\": %u, \"payload_bytes\": %zu, \"key\": \"%s %u\", "
	       "\"load\": %.0f, \"copy_and_head\": %.0f, \"signature\": %.0f, "
	       "\"walk_and_insert\": %.0f, \"remove\": %.0f, \"signature_user\": %.0f, "
	       "\"parse_user\": %.0f}\n",
	       g.lists, g.digests, g.list[0].payload_len, g.certs.certs[0]->algo_name,
	       g.certs.certs[0]->bits, (double)r.add / n, (double)r.malformed / n,
	       (double)(r.again - r.malformed) / n, (double)(r.add - r.again) / n,
	       (double)r.remove / n, (double)r.verify_here / n, (double)r.parse_here / n);
	return 0;
}
