/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "load.h"
#include "scriptlets.h"
#include "../../abi/error.h"
#include "../../abi/use.h"
#include "../crypto/digest.h"
#include "../crypto/signer.h"
#include "../format/payload.h"
#include "../format/tlvwrite.h"
#include "../pkgdb/rpmscripts.h"

struct scriptlets {
	struct engine *g;
	struct signer *signer;
	uint8_t (*ids)[DIGLIM_LIST_ID_SIZE];
	size_t n;
};

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

int scriptlets_open(struct scriptlets **ret, struct engine *g, const struct config *c,
		    struct err *e)
{
	const struct signer_config cfg = {
		.key = or_null(c->sign_key),
		.cert = or_null(c->sign_cert),
		.provider = or_null(c->sign_provider),
	};
	struct engine_status st;
	struct scriptlets *s;
	int r = engine_status_get(g, &st, e);

	*ret = NULL;
	if (r || st.control.interpreters != DIGLIM_INTERPRETERS_STRICT)
		return r;
	if (!cfg.key)
		return err_set(e, -ENOKEY,
			       "interpreters = strict refuses them unless the owner's key vouches "
			       "for them: name one without passphrase in [sign] of diglim.conf, or "
			       "use 'diglim mode audit --for' meanwhile");
	s = calloc(1, sizeof(*s));
	if (!s)
		return err_set(e, -ENOMEM, "out of memory");
	s->g = g;
	r = signer_open(&cfg, &s->signer, e);
	if (r)
		free(s);
	else
		*ret = s;
	return r;
}

struct texts {
	struct tlvwrite *list;
	struct err *e;
};

static int add_text(struct texts *t, const char *before, const char *text)
{
	uint8_t digest[DIGLIM_DIGEST_SIZE];
	char *whole;
	int r, len = asprintf(&whole, "%s%s", before, text);

	if (len < 0)
		return err_set(t->e, -ENOMEM, "out of memory");
	r = digest_buffer(DIGEST_SHA256, whole, (size_t)len, digest, t->e);
	free(whole);
	return r ? r : tlvwrite_add(t->list, digest, NULL, DIGLIM_USE_DATA, t->e);
}

/* "rpm -vv" puts a line before what a shell runs. */
static int take_text(const char *text, void *arg)
{
	return add_text(arg, "", text) ?: add_text(arg, "set -x\n", text);
}

static int sign_and_load(struct scriptlets *s, const char *name, struct tlvwrite *list,
			 struct err *e)
{
	struct buf payload = BUF_INIT, sig = BUF_INIT;
	struct payload_info info = {0};
	void *ids = NULL;
	int r = tlvwrite_finish(list, &payload, e);

	if (!r)
		r = signer_sign(s->signer, DIGEST_NONE, payload.data, payload.len, &sig, e);
	if (!r)
		r = payload_walk(payload.data, payload.len, name, &info, NULL, NULL, e);
	if (!r && !(ids = realloc(s->ids, (s->n + 1) * sizeof(*s->ids))))
		r = err_set(e, -ENOMEM, "out of memory");
	if (!r) {
		const struct listfile lf = {.payload = payload.data,
					    .payload_len = payload.len,
					    .sig = sig.data,
					    .sig_len = sig.len};

		s->ids = ids;
		r = sync_load(s->g, name, &lf, NULL, e);
		if (!r)
			memcpy(s->ids[s->n++], info.list_id, DIGLIM_LIST_ID_SIZE);
	}
	buf_free(&payload);
	buf_free(&sig);
	return r == -DIGLIM_E_EXISTS ? 0 : r;
}

int scriptlets_vouch(struct scriptlets *s, const struct rpmpkg *p, struct err *e)
{
	struct texts t = {.e = e};
	char name[DIGLIM_NAME_MAX];
	int r;

	if ((size_t)snprintf(name, sizeof(name), SCRIPTLETS_NAME "%s", p->name) >= sizeof(name))
		name[sizeof(name) - 1] = '\0';
	t.list = tlvwrite_new(name, (uint64_t)time(NULL));
	if (!t.list)
		return err_set(e, -ENOMEM, "out of memory");
	r = rpmscripts_walk(p, take_text, &t, e);
	if (!r && tlvwrite_count(t.list))
		r = sign_and_load(s, name, t.list, e);
	tlvwrite_free(t.list);
	return r;
}

void scriptlets_close(struct scriptlets *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		(void)engine_list_remove(s->g, s->ids[i], NULL);
	free(s->ids);
	signer_close(s->signer);
	free(s);
}
