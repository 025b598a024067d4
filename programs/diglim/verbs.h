/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DIGLIM_VERBS_H
#define DIGLIM_VERBS_H

#include "cli.h"

extern const struct cli_verb verb_apt;
extern const struct cli_verb verb_attach;
extern const struct cli_verb verb_attest;
extern const struct cli_verb verb_attest_ca;
extern const struct cli_verb verb_attest_ca_challenge;
extern const struct cli_verb verb_attest_ca_check;
extern const struct cli_verb verb_attest_enrol;
extern const struct cli_verb verb_attest_enrol_answer;
extern const struct cli_verb verb_attest_enrol_request;
extern const struct cli_verb verb_attest_export;
extern const struct cli_verb verb_attest_key;
extern const struct cli_verb verb_attest_key_approve;
extern const struct cli_verb verb_attest_key_create;
extern const struct cli_verb verb_attest_key_list;
extern const struct cli_verb verb_attest_log;
extern const struct cli_verb verb_attest_predict;
extern const struct cli_verb verb_attest_quote;
extern const struct cli_verb verb_attest_secret;
extern const struct cli_verb verb_attest_secret_import;
extern const struct cli_verb verb_attest_secret_open;
extern const struct cli_verb verb_attest_secret_seal;
extern const struct cli_verb verb_attest_secret_signatures;
extern const struct cli_verb verb_attest_verify;
extern const struct cli_verb verb_check;
extern const struct cli_verb verb_confirm;
extern const struct cli_verb verb_control;
extern const struct cli_verb verb_control_apply;
extern const struct cli_verb verb_control_new;
extern const struct cli_verb verb_control_sign;
extern const struct cli_verb verb_deny;
extern const struct cli_verb verb_detach;
extern const struct cli_verb verb_doctor;
extern const struct cli_verb verb_enforce;
extern const struct cli_verb verb_explain;
extern const struct cli_verb verb_floor;
extern const struct cli_verb verb_import;
extern const struct cli_verb verb_inspect;
extern const struct cli_verb verb_key;
extern const struct cli_verb verb_key_add;
extern const struct cli_verb verb_key_create;
extern const struct cli_verb verb_key_limit;
extern const struct cli_verb verb_key_list;
extern const struct cli_verb verb_key_remove;
extern const struct cli_verb verb_key_sync;
extern const struct cli_verb verb_load;
extern const struct cli_verb verb_log;
extern const struct cli_verb verb_mode;
extern const struct cli_verb verb_prepare;
extern const struct cli_verb verb_query;
extern const struct cli_verb verb_scan;
extern const struct cli_verb verb_seal;
extern const struct cli_verb verb_setup;
extern const struct cli_verb verb_sign;
extern const struct cli_verb verb_status;
extern const struct cli_verb verb_sync;
extern const struct cli_verb verb_unload;
extern const struct cli_verb verb_verify;
extern const struct cli_verb verb_watch;

#endif
