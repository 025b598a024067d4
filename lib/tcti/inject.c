/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <limits.h>

#include "inject.h"
#include "wire.h"
#include "../base/io.h"
#include "../crypto/keyfile.h"

#define FILES_MAX 256
/* Any extend, also of registers that do not matter, ends a session: IMA does that all the time. */
#define TRIES 50

enum outcome {
	OUTCOME_DONE,	/* the response is there */
	OUTCOME_NEXT,	/* not this policy: the registers hold something else */
	OUTCOME_AGAIN,	/* a register was extended meanwhile */
	OUTCOME_BROKEN, /* the layer below failed */
};

struct work {
	const struct inject *in;
	struct buf command, response;
	uint32_t rc;	  /* of the layer below, if that failed */
	uint32_t session; /* 0: none */
	uint32_t key;	  /* that checks the approval; 0: none */
};

/* Sends what is in ->command. The code of the response; OUTCOME_BROKEN is in ->rc. */
static uint32_t call(struct work *w, struct take_in *ret)
{
	wire_end(&w->command);
	w->response.len = 0;
	if (w->command.failed) {
		w->rc = WIRE_RC_FAILURE;
		return WIRE_RC_FAILURE;
	}
	w->rc = w->in->send(w->in->arg, &w->command, &w->response);
	return w->rc ? WIRE_RC_FAILURE : wire_response(&w->response, ret);
}

static void flush(struct work *w, uint32_t *handle)
{
	struct take_in in;
	uint32_t rc = w->rc;

	if (*handle) {
		wire_begin(&w->command, WIRE_NO_SESSIONS, WIRE_FLUSH);
		buf_add_be32(&w->command, *handle);
		(void)call(w, &in);
	}
	*handle = 0;
	w->rc = rc;
}

static enum outcome outcome_of(const struct work *w, uint32_t rc)
{
	return w->rc			   ? OUTCOME_BROKEN
	       : !rc			   ? OUTCOME_DONE
	       : rc == WIRE_RC_PCR_CHANGED ? OUTCOME_AGAIN
					   : OUTCOME_NEXT;
}

static enum outcome start_session(struct work *w)
{
	static const uint8_t nonce[16];
	struct take_in in;
	uint32_t rc;

	wire_begin(&w->command, WIRE_NO_SESSIONS, WIRE_START_SESSION);
	buf_add_be32(&w->command, WIRE_HANDLE_NULL);
	buf_add_be32(&w->command, WIRE_HANDLE_NULL);
	wire_put_2b(&w->command, nonce, sizeof(nonce));
	buf_add_be16(&w->command, 0);	   /* no salt */
	buf_add_u8(&w->command, 1);	   /* TPM_SE_POLICY */
	buf_add_be16(&w->command, 0x0010); /* nothing is encrypted */
	buf_add_be16(&w->command, 0x000b); /* TPM_ALG_SHA256 */
	rc = call(w, &in);
	if (!rc)
		w->session = take_be(&in, 4);
	return outcome_of(w, rc);
}

static enum outcome policy_pcr(struct work *w, const struct keyfile_policy *p)
{
	struct take_in in;

	wire_begin(&w->command, WIRE_NO_SESSIONS, WIRE_POLICY_PCR);
	buf_add_be32(&w->command, w->session);
	buf_add(&w->command, p->body, p->len);
	return outcome_of(w, call(w, &in));
}

/* A TPM2B in the response, copied, since the next command overwrites it. */
static void keep_2b(struct take_in *in, struct buf *ret)
{
	struct take_in content = wire_take_2b(in);

	ret->len = 0;
	buf_add(ret, content.p, content.len);
	ret->failed |= content.bad;
}

/* The digest that was approved, and its digest with the policyRef, which was signed. */
static enum outcome approved_digest(struct work *w, const struct take_in *ref, struct buf *approved,
				    struct buf *hashed)
{
	struct take_in in;
	enum outcome o;

	wire_begin(&w->command, WIRE_NO_SESSIONS, WIRE_POLICY_GET_DIGEST);
	buf_add_be32(&w->command, w->session);
	o = outcome_of(w, call(w, &in));
	if (o)
		return o;
	keep_2b(&in, approved);
	wire_begin(&w->command, WIRE_NO_SESSIONS, WIRE_HASH);
	buf_add_be16(&w->command, (uint16_t)(approved->len + ref->len));
	buf_add(&w->command, approved->data, approved->len);
	buf_add(&w->command, ref->p, ref->len);
	buf_add_be16(&w->command, 0x000b);
	buf_add_be32(&w->command, WIRE_HANDLE_NULL);
	o = outcome_of(w, call(w, &in));
	if (!o)
		keep_2b(&in, hashed);
	return o ? o : approved->failed || hashed->failed ? OUTCOME_NEXT : OUTCOME_DONE;
}

static enum outcome load_approver(struct work *w, const struct take_in *public, struct buf *name)
{
	struct take_in in;
	enum outcome o;

	wire_begin(&w->command, WIRE_NO_SESSIONS, WIRE_LOAD_EXTERNAL);
	buf_add_be16(&w->command, 0); /* no private part */
	wire_put_2b(&w->command, public->p, public->len);
	buf_add_be32(&w->command, WIRE_HANDLE_OWNER);
	o = outcome_of(w, call(w, &in));
	if (o)
		return o;
	w->key = take_be(&in, 4);
	keep_2b(&in, name);
	return name->failed ? OUTCOME_NEXT : OUTCOME_DONE;
}

static enum outcome check_signature(struct work *w, const struct buf *hashed,
				    const struct take_in *sig, struct buf *ticket)
{
	struct take_in in;
	enum outcome o;

	wire_begin(&w->command, WIRE_NO_SESSIONS, WIRE_VERIFY_SIGNATURE);
	buf_add_be32(&w->command, w->key);
	wire_put_2b(&w->command, hashed->data, hashed->len);
	buf_add(&w->command, sig->p, sig->len);
	o = outcome_of(w, call(w, &in));
	if (!o)
		buf_add(ticket, in.p, in.len);
	return o;
}

/* Parts of an approval's last command; it was signed by whoever, the TPM finds out. */
static enum outcome policy_authorize(struct work *w, const struct keyfile_policy *p)
{
	struct buf approved = BUF_INIT, hashed = BUF_INIT, name = BUF_INIT, ticket = BUF_INIT;
	struct take_in body = {p->body, p->len, false}, in;
	struct take_in public = wire_take_2b(&body), ref = wire_take_2b(&body);
	enum outcome o = body.bad ? OUTCOME_NEXT : approved_digest(w, &ref, &approved, &hashed);

	o = o ? o : load_approver(w, &public, &name);
	o = o ? o : check_signature(w, &hashed, &body, &ticket);
	if (!o) {
		wire_begin(&w->command, WIRE_NO_SESSIONS, WIRE_POLICY_AUTHORIZE);
		buf_add_be32(&w->command, w->session);
		wire_put_2b(&w->command, approved.data, approved.len);
		wire_put_2b(&w->command, ref.p, ref.len);
		wire_put_2b(&w->command, name.data, name.len);
		buf_add(&w->command, ticket.data, ticket.len);
		o = outcome_of(w, call(w, &in));
	}
	flush(w, &w->key);
	buf_free(&approved);
	buf_free(&hashed);
	buf_free(&name);
	buf_free(&ticket);
	return o;
}

static enum outcome run_policies(struct work *w, const struct keyfile_sequence *s)
{
	const struct keyfile_policy *authorize = keyfile_authorize(s);
	size_t n = authorize ? s->n - 1 : s->n;
	enum outcome o = OUTCOME_DONE;

	for (size_t i = 0; !o && i < n; i++)
		o = s->items[i].command == KEYFILE_PCR ? policy_pcr(w, &s->items[i]) : OUTCOME_NEXT;
	return o || !authorize ? o : policy_authorize(w, authorize);
}

/* The answer as the program above expects it for a password: without nonce and HMAC. */
static void hide_session(const struct buf *from, struct buf *ret)
{
	struct take_in in;
	uint32_t rc = wire_response(from, &in), size;
	const uint8_t *params;

	size = take_be(&in, 4);
	params = take(&in, size);
	if (rc || in.bad) {
		wire_error(ret, rc ? rc : WIRE_RC_FAILURE);
		return;
	}
	wire_begin(ret, WIRE_SESSIONS, 0);
	buf_add_be32(ret, size);
	buf_add(ret, params, size);
	buf_add_be16(ret, 0);
	buf_add_u8(ret, 1); /* a password's session goes on */
	buf_add_be16(ret, 0);
	wire_end(ret);
}

/* The program's command under our session. */
static enum outcome use_key(struct work *w, const uint8_t *command, uint32_t key,
			    const struct take_in *rest, struct buf *response)
{
	struct take_in head = {command + 6, 4, false}, in;
	enum outcome o;
	uint32_t rc;

	wire_begin(&w->command, WIRE_SESSIONS, take_be(&head, 4));
	buf_add_be32(&w->command, key);
	buf_add_be32(&w->command, 9);
	buf_add_be32(&w->command, w->session);
	buf_add_be16(&w->command, 0);
	buf_add_u8(&w->command, 0); /* it ends with the command */
	buf_add_be16(&w->command, 0);
	buf_add(&w->command, rest->p, rest->len);
	rc = call(w, &in);
	o = outcome_of(w, rc);
	/* Refused for its policy: another one may do. For any other reason: that is the answer. */
	if (o == OUTCOME_NEXT && rc != WIRE_RC_POLICY_FAIL)
		o = OUTCOME_DONE;
	if (o == OUTCOME_DONE) {
		hide_session(&w->response, response);
		if (!rc)
			w->session = 0;
	}
	return o;
}

static enum outcome try_sequence(struct work *w, const struct keyfile_sequence *s,
				 const uint8_t *command, uint32_t key, const struct take_in *rest,
				 struct buf *response)
{
	enum outcome o = OUTCOME_AGAIN;

	for (int i = 0; i < TRIES && o == OUTCOME_AGAIN; i++) {
		o = start_session(w);
		o = o ? o : run_policies(w, s);
		o = o ? o : use_key(w, command, key, rest, response);
		flush(w, &w->session);
	}
	return o;
}

/* The file begins with the newest approval: that of the state the machine is most likely in. */
static enum outcome try_all(struct work *w, const struct keyfile *k, const uint8_t *command,
			    uint32_t key, const struct take_in *rest, struct buf *response)
{
	enum outcome o = OUTCOME_NEXT;

	for (size_t i = 0; o == OUTCOME_NEXT && i < k->n_approvals; i++)
		o = try_sequence(w, &k->approvals[i], command, key, rest, response);
	if (o == OUTCOME_NEXT && k->policy.n && !keyfile_authorize(&k->policy))
		o = try_sequence(w, &k->policy, command, key, rest, response);
	if (o == OUTCOME_NEXT || o == OUTCOME_AGAIN) {
		wire_error(response, o == OUTCOME_NEXT ? WIRE_RC_POLICY_FAIL : WIRE_RC_PCR_CHANGED);
		o = OUTCOME_DONE;
	}
	return o;
}

/* Is this the file of the key with this public part, with its policy? */
static bool read_file(const char *path, const struct buf *public, struct keyfile *ret)
{
	struct buf b = BUF_INIT;
	bool found = !io_read_file(path, KEYFILE_MAX, &b, NULL) &&
		     !keyfile_parse(b.data, b.len, path, ret, NULL);

	buf_free(&b);
	if (found && ((!ret->policy.n && !ret->n_approvals) || ret->public.len != public->len ||
		      memcmp(ret->public.data, public->data, public->len) != 0)) {
		keyfile_done(ret);
		found = false;
	}
	return found;
}

static bool find_file(const char *keys, const struct buf *public, struct keyfile *ret)
{
	struct dirent **names;
	char path[PATH_MAX];
	bool found = false;
	struct stat st;
	int n;

	if (stat(keys, &st) || !S_ISDIR(st.st_mode))
		return read_file(keys, public, ret);
	n = scandir(keys, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (!found && i < FILES_MAX && names[i]->d_name[0] != '.' &&
		    snprintf(path, sizeof(path), "%s/%s", keys, names[i]->d_name) <
			    (int)sizeof(path))
			found = read_file(path, public, ret);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return found;
}

/* The public part of a loaded key, TPM2B_PUBLIC with its length. */
static bool read_public(struct work *w, uint32_t key, struct buf *ret)
{
	struct take_in in, content;

	wire_begin(&w->command, WIRE_NO_SESSIONS, WIRE_READ_PUBLIC);
	buf_add_be32(&w->command, key);
	if (call(w, &in))
		return false;
	content = wire_take_2b(&in);
	wire_put_2b(ret, content.p, content.len);
	return !content.bad && !ret->failed;
}

uint32_t inject_command(const struct inject *in, const uint8_t *command, size_t len,
			struct buf *response)
{
	struct work w = {.in = in};
	struct buf public = BUF_INIT, plain = BUF_INIT;
	enum outcome o = OUTCOME_NEXT;
	struct keyfile k = {0};
	struct take_in rest;
	uint32_t key, rc;

	response->len = 0;
	if (wire_uses_key(command, len, &key, &rest) && read_public(&w, key, &public) &&
	    find_file(in->keys, &public, &k))
		o = try_all(&w, &k, command, key, &rest, response);
	rc = o == OUTCOME_BROKEN ? w.rc : response->failed ? WIRE_RC_FAILURE : 0;
	if (o == OUTCOME_NEXT) {
		buf_add(&plain, command, len);
		rc = plain.failed ? WIRE_RC_FAILURE : in->send(in->arg, &plain, response);
	}
	keyfile_done(&k);
	buf_free(&public);
	buf_free(&plain);
	buf_free(&w.command);
	buf_free(&w.response);
	return rc;
}
