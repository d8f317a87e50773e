/**
 * Every bound of the network, in one place: `docs/limits.md` is generated from it. Units stand last in the name.
 */
export const LIMITS = {
  /** JSON request bodies; larger inputs travel as blobs. */
  json_body_bytes_max: 8 * 1024 * 1024,
  /** One blob: the smallest body limit of the platform's plans. */
  blob_bytes_max: 100 * 1000 * 1000,
  /** Inline input kept beside the job; a larger one is stored as a blob. */
  inline_input_bytes_max: 512 * 1024,
  /** Output tensors in one submission; a larger output is uploaded as a blob first. */
  inline_output_bytes_max: 1024 * 1024,
  /** One submission's whole body. */
  submission_bytes_max: 2 * 1024 * 1024,
  /** Output of one shard, uploaded as a blob. */
  shard_output_bytes_max: 32 * 1024 * 1024,
  /** A merged result kept beside its job; a larger one is stored as a blob. */
  inline_result_bytes_max: 64 * 1024,
  /** A merged result. */
  result_bytes_max: 64 * 1024 * 1024,
  /** Aggregator objects that jobs are spread over. */
  partitions: 64,
  rows_per_job_max: 1_000_000,
  shards_per_job_max: 4_096,
  tensors_per_message_max: 64,
  tensor_name_chars_max: 128,
  tensor_dimensions_max: 8,
  files_per_model_max: 64,
  /** Grants of one sealed job to providers, later ones and repeated ones included. */
  key_grants_max: 64,
  /** A sealed row is cut into records of this much plaintext. */
  sealed_record_bytes_max: 1024 * 1024,
  metadata_pairs_max: 16,
  metadata_key_chars_max: 64,
  metadata_value_chars_max: 512,
  webhook_url_chars_max: 2_048,
  webhook_payload_bytes_max: 20 * 1024,
  webhook_timeout_ms: 15_000,
  webhook_attempts_max: 12,
  webhook_retry_ms_first: 5_000,
  /** The longest pause between two attempts, asked for by Retry-After or not. */
  webhook_retry_ms_max: 6 * 3600 * 1000,
  list_page_items_max: 100,
  list_page_items_default: 20,
  idempotency_key_chars_max: 255,
  idempotency_window_ms: 24 * 3600 * 1000,
  /** An idempotent request that is not answered by then has failed: its key is free again. */
  request_preparation_ms_max: 30_000,
  job_deadline_ms_default: 3600 * 1000,
  job_deadline_ms_max: 24 * 3600 * 1000,
  /** How long a finished job, its result and its log are kept. */
  job_retention_ms: 48 * 3600 * 1000,
  wait_seconds_max: 60,
  poll_wait_ms_max: 25_000,
  /** A runner that has not polled for this long is no longer counted on. */
  runner_unseen_ms_max: 120_000,
  runners_per_dispatcher_max: 10_000,
  offers_per_dispatcher_max: 10_000,
  /** Jobs that one dispatcher tells of when a runner asks what waits, and kinds of work that the answer lists. */
  demand_jobs_max: 1_000,
  demand_entries_max: 50,
  /** A runner's presence is written to its reputation at this pace. */
  uptime_report_ms: 600_000,
  leases_per_poll_max: 16,
  leases_per_runner_max: 64,
  lease_ms_min: 3_000,
  lease_ms_default: 15_000,
  lease_ms_max: 120_000,
  shard_failures_max: 3,
  /** Times that merging a job's outputs may fail for a reason of ours before the job does. */
  merge_attempts_max: 5,
  replicas_min: 2,
  replicas_max: 5,
  /** Auditors that a client may ask for on each shard. */
  auditors_asked_max: 5,
  /** Auditors of one answer, top-ups included: with 30 % of the network lying together, all of them do six times in a million. */
  auditors_max: 10,
  /** The most that a client can be promised: one wrong shard in 100,000. */
  assurance_max: 0.99999,
  assurance_min: 0.9,
  /** The group error that a recalled answer must get under when its job named none. */
  recall_error_max: 0.01,
  /** Fresh votes on one disagreement; without a lead by then nobody is punished and the shard is computed anew. */
  votes_max: 7,
  /** Times that a shard may end without an answer that stands before the job fails. */
  disputes_unresolved_max: 3,
  /** A drawn auditor that has not taken its audit by then is passed over. */
  audit_take_ms: 5_000,
  /** How long nobody must be there to be drawn before a disagreement is decided, or a recalled answer given up, without. */
  undrawn_ms: 10_000,
  /** Runners that auditors of one job are drawn from. */
  roster_runners_max: 1_000,
  /** How old the list of runners that auditors are drawn from may be. */
  roster_age_ms_max: 2_000,
  /** Passed audits after which a provider is no longer new. */
  probation_audits: 20,
  /** Share of a job that one new provider gets while others could do the work. */
  probation_share_max: 0.05,
  /** Answered shards given again as if they were new, to test a provider, of all it gets. */
  probe_share: 0.005,
  probe_share_probation: 0.02,
  /** How long results can be recalled and earnings are held. */
  hold_ms: 24 * 3600 * 1000,
  /** How long draws are made from one seed; after it the seed is published. */
  epoch_ms_default: 600_000,
  epoch_ms_min: 1_000,
  /** A seed is published this long after its epoch, or a tenth of the epoch if that is less: clocks of machines differ. */
  epoch_reveal_ms_max: 5_000,
  /** Rows of a shard that one lease may name apart from each other. */
  row_ranges_per_lease_max: 4_096,
  owner_chars_max: 128,
  /** Hashes of Merkle paths in one receipt; without room for all, it holds none and says so. */
  receipt_path_hashes_max: 40_000,
  ban_ms_first: 7 * 24 * 3600 * 1000,
  ban_ms_second: 30 * 24 * 3600 * 1000,
  /** For how long a banned provider may object. */
  appeal_ms: 3 * 24 * 3600 * 1000,
  ban_reason_chars_max: 1_000,
  /** Providers that one request about an incident reaches. */
  incident_providers_max: 200,
  /** Jobs that a convicted provider's object tells at once to recall what it did. */
  recalls_sent_at_once: 50,
  /** A job's shards are offered again at this pace while any is unleased. */
  reoffer_ms: 5_000,
  event_stream_heartbeat_ms: 15_000,
  event_page_items_max: 500,
  /** The least that a provider can have sent, and what is sent without being asked for, in micro-units. */
  payout_micro_min: 10_000,
  payout_micro_auto: 1_000_000,
  /** How long nothing is sent after a payout address was changed. */
  payout_cooling_ms: 24 * 3600 * 1000,
  payouts_sent_at_once: 20,
  /** Pause before the treasury is told again of a payout that it did not acknowledge. */
  payout_retry_ms: 5_000,
  /** Time between the end of a job's hold and the deadline of the escrow that pays it, for payouts to be made in. */
  escrow_margin_ms: 6 * 3600 * 1000,
  /** A job that has not said by then what it cost is asked, and again at this pace. */
  reservation_check_ms: 120_000,
  reservations_checked_at_once: 100,
  signature_age_ms_max: 60_000,
  requests_per_minute_account: 6_000,
  requests_per_minute_runner: 6_000,
  /** Requests without a key, where jobs can be paid for without an account. */
  requests_per_minute_visitor: 300,
  shard_target_ms: 500,
  /** Computing less than this is not worth a lease of its own. */
  shard_ms_min: 20,
  /** Shards for each runner, so that a slow one does not hold up a job. */
  shards_per_runner_min: 4,
  failure_detail_chars_max: 1_000,
  /** Entries of `errors` in one problem document. */
  problem_errors_max: 20,
  /** A provider's row in the search index follows its ledger after this long, whatever happened meanwhile. */
  provider_projection_ms: 5_000,
  /** A busy provider's row in the search index is written no more often than this. */
  provider_projection_pause_ms: 60_000,
  /** Names among which one that was meant is looked for. */
  name_suggestions_max: 1_000,
  /** How long a Worker may go on using what a model name pointed to. */
  model_name_cache_ms: 3_000,
  /** How long a Worker may go on using a model's calibration. */
  model_cache_ms: 60_000,
  models_cached_max: 256,
  runner_request_timeout_ms: 30_000,
  /** How much longer than the edge promised to hold a poll the runner waits for it. */
  runner_poll_grace_ms: 10_000,
  runner_blob_timeout_ms: 300_000,
  /** Attempts at one request that the edge answers with 408, 429 or 5xx; without an answer the runner keeps trying. */
  runner_attempts_max: 6,
  runner_retry_ms_min: 250,
  runner_retry_ms_max: 10_000,
  /** The longest Retry-After a runner heeds. */
  runner_retry_after_ms_max: 60_000,
  runner_drain_ms_max: 20_000,
  /** How long a stopping runner tries to tell the edge that it goes. */
  runner_leave_ms_max: 2_000,
  /** How long a stopping runner tries to send what is finished or handed back. */
  runner_flush_ms_max: 5_000,
  /** How long a finished shard waits for others of its job, to travel in one submission. */
  submission_linger_ms: 500,
  runner_cache_bytes_default: 10 * 1024 ** 3,
  /** Size at which a runner begins a new log file, unless its owner says otherwise. */
  runner_log_bytes_default: 10 * 1024 ** 2,
  /** Where a runner serves its metrics on its own machine, unless its owner says otherwise. */
  runner_metrics_port_default: 9_464,
  /** How far a runner's clock may be from the edge's before its owner is told. */
  runner_clock_skew_ms_max: 5_000,
  /** A runner that was stopped for this long, as by a machine that slept, asks the edge anew what it still holds. */
  runner_gap_ms_min: 10_000,
  runner_models_loaded_max: 4,
  /** A model that nobody has used for so long is unloaded: its memory is its owner's again. */
  runner_model_idle_ms_max: 600_000,
  runner_manifests_max: 256,
  /** Models that a runner remembers the speed of, each as often as it ran in another class. */
  runner_benchmarks_max: 256,
  /** Shards in an engine's hands: one runs, the others wait there so that it never does. */
  runner_shards_in_engine_max: 3,
  runner_leases_min: 4,
  /** Work that a runner wants to hold in advance, in time. */
  runner_work_ahead_ms: 1_000,
  /** How far one aggregator's work gets ahead of another's on one machine, in engine time, while both have some. */
  engine_lead_ms_max: 2_000,
  engine_load_ms_max: 120_000,
  /** A shard may take this many times its expected time, and at least `engine_run_ms_min`, before its engine is killed. */
  engine_run_slack: 50,
  engine_run_ms_min: 60_000,
  /** How long an engine may go on with a shard that nobody wants before it is killed. */
  engine_cancel_ms_max: 1_000,
  /** Times that a shard is begun anew because something outside has killed its engine's process. */
  engine_kills_max: 2,
  /** Memory that an engine may take for a model, as a multiple of what its manifest says, and the least of it. */
  engine_memory_slack: 2,
  engine_memory_bytes_min: 512 * 1024 ** 2,
  /** Widened input of one engine call: small enough for a core's cache, large enough to share the cost of a call. */
  engine_batch_bytes_max: 512 * 1024,
  engine_batch_rows_max: 128,
  /** Tokens, those that fill up included, of the texts that an encoder computes in one call. */
  embedding_batch_tokens_max: 8_192,
  /** Memory of a WebAssembly module whose manifest names none. */
  wasm_memory_bytes_default: 256 * 1024 * 1024,
  /** All that 32-bit addresses reach. */
  wasm_memory_bytes_max: 4 * 1024 ** 3,
  /** Elements of a module's tables, each and together at the start. */
  wasm_table_elements_max: 65_536,
  /** Files that a WASI command may have open. */
  wasm_open_files_max: 256,
  /** Memory of the process that holds a module, beside the module's own. */
  wasm_child_bytes: 768 * 1024 * 1024,
  /** The line before the bytes of a batch that goes into a container or comes out. */
  oci_header_bytes_max: 64 * 1024,
  /** Memory of a container whose manifest says nothing, and the least that one gets. */
  oci_memory_bytes_default: 1024 ** 3,
  oci_memory_bytes_min: 32 * 1024 ** 2,
  /** Memory besides, for what passes rows on to a server in the container: Node, and in gVisor its file too. */
  oci_relay_memory_bytes: 192 * 1024 ** 2,
  /** Processes and threads of a container. */
  oci_pids_max: 256,
  oci_open_files_max: 1_024,
  /** A container's /tmp, which is in its memory. */
  oci_tmp_bytes_max: 64 * 1024 ** 2,
  /** How long a container lives at most, whoever forgot it; a session that is still in use goes on in a new one. */
  oci_container_seconds_max: 24 * 3600,
  /** A command of the container engine that should take a moment, and its first container at the start. */
  oci_command_ms_max: 30_000,
  oci_probe_ms_max: 20_000,
  oci_pull_ms_max: 600_000,
  /** An image unpacked, and what it may take of the disk on the way. */
  oci_image_bytes_max: 16 * 1024 ** 3,
  /** Images that a runner brought to its machine and keeps there. */
  oci_images_kept_max: 16,
  oci_images_kept_bytes_max: 32 * 1024 ** 3,
  /** The end of a container's standard error that goes into the reason of a failure. */
  oci_stderr_chars_kept: 400,
  oci_start_look_ms: 50,
  /** How long a container that has closed its output may take to end. */
  oci_last_words_ms: 1_000,
  oci_remove_tries_max: 25,
  oci_remove_pause_ms: 200,
  ledger_unit_chars_max: 64,
  ledger_account_chars_max: 128,
  ledger_transfer_id_chars_max: 200,
  ledger_memo_chars_max: 200,
  /** Transfers that are posted together, all or none: as many as one statement of an object's SQLite surely takes. */
  ledger_transfers_per_batch_max: 500,
  /** The network's share of what is paid, in hundredths of a percent: 0.5 to 2 %. */
  fee_bps_min: 50,
  fee_bps_max: 200,
  /** What remains of an escrow's time when it is registered: a job, its hold, and time to pay for it. */
  escrow_remaining_ms_min: 72 * 3600 * 1000,
  /** How long a payment asked for by x402 may take its buyer. */
  x402_timeout_seconds: 60,
  /** How long an answer waits for a payment to be final; the buyer repeats the request after that. */
  x402_settle_ms: 45_000,
  /** A payment that nobody waits for is looked at again after this long. */
  x402_poll_ms: 15_000,
  /** What a payment may offer for being taken soon, which the aggregator pays. */
  x402_priority_fee_lamports_max: 10_000,
  /** What a provider must have bonded to be paid from the house escrow. */
  x402_bond_micro_min: 1_000_000,
  /** Each house escrow takes payments for this long. */
  x402_house_period_ms: 30 * 24 * 3600 * 1000,
  /** From the start of its period to the deadline of a house escrow: below the 90 days that the program allows. */
  x402_house_term_ms: 89 * 24 * 3600 * 1000,
  /** Payouts that are looked at together. */
  payouts_chosen_from: 500,
  /** Payments that are gone on with at once, each from a place of its own. */
  payments_advanced_at_once: 20,
  /** A payment that is under way is looked at again after this long. */
  payment_poll_ms: 2_000,
  /** Times that a payout may come to nothing before it is returned to its provider. */
  payout_attempts_max: 6,
  payout_retry_ms_first: 60_000,
  payout_retry_ms_max: 3600 * 1000,
  /** A payout too small to be worth a payment waits this long for others, and is returned then. */
  payout_small_wait_ms: 24 * 3600 * 1000,
  payout_reference_chars_max: 256,
  payout_results_told_at_once: 50,
  /** A place that could not be asked, or whose provider was not told, is tried again after this long, and twice as long each time. */
  treasury_retry_ms_first: 2_000,
  treasury_retry_ms_max: 300_000,
  /** How often what the chain holds is compared with the book. */
  reconcile_ms: 3600 * 1000,
  places_reconciled_at_once: 20,
  /** A driver or tool that has not said by then which GPUs there are is not waited for. */
  gpu_detection_ms_max: 5_000,
  /** What was found on a machine is looked for again after this long, and after a restart. */
  hardware_age_ms_max: 24 * 3600 * 1000,
  /** Random bytes that the way to the edge and back is timed with, once a day. */
  bandwidth_probe_bytes: 1024 * 1024,
  /** Chains of a challenge: a machine that claims more cores than this is taken for so many. */
  challenge_chains_max: 256,
  challenge_segments_max: 128,
  challenge_iterations_max: 100_000,
  /** A challenge of one core: these segments of these iterations, a fifth of a second on an ordinary core. */
  challenge_segments: 80,
  challenge_iterations: 10_000,
  /** Segments of an answer that the edge computes anew: 10 to 20 ms of its own time. */
  challenge_segments_checked: 4,
  /** An answer that comes later is no answer. */
  challenge_answer_ms_max: 30_000,
  /** A runner gets no other challenge within this time. */
  challenge_pause_ms: 60_000,
  /** How often a runner's speed is measured, how soon again after an answer that was wrong or late, and how long it counts. */
  challenge_every_ms: 24 * 3600 * 1000,
  challenge_retry_ms: 3600 * 1000,
  challenge_counts_ms: 7 * 24 * 3600 * 1000,
  /** PBKDF2-HMAC-SHA-256 iterations of a reference core in a second: about half of what an ordinary core does. */
  reference_core_iterations_per_s: 2_000_000,
  /** What a machine may claim and be believed before its speed is measured. */
  cores_unmeasured_max: 4,
  /** Tokens of prompt and completion together that a model may take. */
  context_tokens_max: 1_048_576,
  served_model_chars_max: 128,
  /** File formats, or models of a server, that one engine offers. */
  formats_per_engine_max: 64,
  /** Providers that a job may name, those it wants or those it does not. */
  providers_named_max: 64,
  prompt_chars_max: 4_000_000,
  messages_max: 2_048,
  stops_max: 4,
  stop_chars_max: 256,
  top_logprobs_max: 20,
  /** Completions of one request. */
  choices_max: 8,
  /** Prompts of one request for completions. */
  prompts_max: 128,
  /** Tokens of a completion whose request does not say how many it may have. */
  completion_tokens_default: 4_096,
  /** How long an answer through OpenAI's API that is not streamed is waited for. */
  completion_wait_ms_max: 600_000,
  token_chars_max: 1_024,
  part_chars_max: 16_384,
  completion_chars_max: 8_000_000,
  fingerprint_chars_max: 64 * 1_048_576,
  /** Positions of one completion that travel in one message. */
  parts_per_delta_max: 256,
  rows_per_shard_generated_max: 256,
  /** Requests of one job for generated text, all together: they are read where the job is accepted. */
  generation_input_bytes_max: 32 * 1024 * 1024,
  /** How often a runner that generates says so at least, and how long it may be silent before its work goes to another. */
  stream_beat_ms: 1_000,
  stream_silence_ms_max: 5_000,
  /** How long a runner whose connection broke may take to come back before its work goes to another. */
  stream_return_ms_max: 1_500,
  /** How long a machine of the same execution class is waited for before the job's `failover` decides. */
  stream_class_wait_ms: 3_000,
  /** Where no WebSocket gets through, tokens are gathered for this long. */
  stream_post_ms: 50,
  /** How long after a message of a stream the next one waits, for each other lease or reader on the way, and at most. */
  stream_gather_ms_each: 0.75,
  stream_gather_ms_max: 12,
  /** A runner whose stream broke connects anew after this long, longer each time. */
  stream_reconnect_ms_min: 25,
  stream_reconnect_ms_max: 500,
  /** An edge behind which no WebSocket opens so often in a row is sent posts, and asked for one again after this long. */
  stream_upgrades_refused_max: 2,
  stream_upgrade_again_ms: 600_000,
  stream_connect_ms_max: 5_000,
  /** A stream's connection on which the edge does not answer a ping for so long is dead. */
  stream_pong_ms_max: 3_000,
  /** A runner adds no tokens to a connection that has so many bytes waiting. */
  stream_buffer_bytes_max: 1024 * 1024,
  /** Messages in a row on a runner's connection that are about no lease that it holds, before the edge closes it. */
  stream_useless_max: 64,
  /** A connection that no lease uses is closed after this long. */
  stream_idle_ms_max: 60_000,
  /** How long the first token of a completion may take, and each that follows, before its engine is given up. */
  generation_first_ms_max: 120_000,
  generation_next_ms_max: 30_000,
  /** Completions that one model makes at once. */
  generations_at_once_max: 32,
  /** Servers of the OpenAI API that one runner speaks to. */
  openai_servers_max: 8,
  /** How often a server is asked what it has, and how long it may take to say. */
  openai_probe_ms: 10_000,
  openai_probe_ms_max: 5_000,
  /** An answer of such a server that is no stream, and all that one stream may bring. */
  openai_answer_bytes_max: 4 * 1024 ** 2,
  openai_stream_bytes_max: 256 * 1024 ** 2,
  /** One event of a stream. */
  openai_event_chars_max: 1024 ** 2,
  /** What is read of an answer that says why not. */
  openai_refusal_bytes_max: 64 * 1024,
  /** How long the count of tokens is waited for when the completion has ended. */
  openai_tail_ms_max: 2_000,
  /** Failures one after the other, after which nothing is asked of a server for a while. */
  openai_strikes_max: 3,
  openai_rest_ms: 60_000,
  /** Completions that a server makes at once, where neither it nor its owner says. */
  openai_at_once_default: 4,
  openai_key_chars_max: 1_024,
  /** Prompts of earlier requests that are kept computed, in tokens. */
  prefix_tokens_kept_max: 32_768,
  /** Files of one account, what its batches answered included. */
  files_per_account_max: 10_000,
  filename_chars_max: 255,
  /** A file is kept in blobs of this size. */
  file_piece_bytes_max: 8 * 1024 * 1024,
  file_retention_ms: 30 * 24 * 3600 * 1000,
  file_retention_seconds_min: 3600,
  /** What stands before the bytes of one part of a form, and the value of a field that is no file. */
  form_field_bytes_max: 16 * 1024,
  batch_window_ms: 24 * 3600 * 1000,
  batch_lines_max: 50_000,
  batch_line_bytes_max: 8 * 1024 * 1024,
  custom_id_chars_max: 256,
  /** Mistakes that one refused batch lists. */
  batch_errors_max: 100,
  batches_open_max: 100,
  batches_per_account_max: 10_000,
  /** Lines and bytes of a batch that are made into jobs together. */
  batch_cut_lines_max: 4_096,
  batch_cut_bytes_max: 8 * 1024 * 1024,
  /** Rows of one job of a batch, and what its result is expected to have at most. */
  batch_job_rows_max: 8_192,
  batch_job_result_bytes_max: 40 * 1024 * 1024,
  /** What a completion that names no limit is taken to come to when a batch is cut into jobs. */
  batch_completion_tokens_typical: 1_024,
  /** A job of a batch that has not said that it is over is asked at this pace, and sooner when somebody reads the batch. */
  batch_poll_ms: 60_000,
  batch_read_poll_ms: 1_000,
  /** How long one alarm goes on with batches before it lets others have their turn. */
  batch_turn_ms: 10_000,
  /** Pause after a step of a batch that failed for a reason of ours. */
  batch_retry_ms: 5_000,
  /** Texts of one request for embeddings. */
  embedding_inputs_max: 2_048,
  /** An aggregator in a Node process: objects that nobody used for so long leave its memory. */
  aggregate_object_idle_ms: 5 * 60 * 1000,
  /** Page cache of one object's SQLite, and its prepared statements. */
  aggregate_sqlite_cache_kib: 512,
  aggregate_statements_max: 200,
  /** Pauses before an alarm that failed is rung again. */
  aggregate_alarm_retry_ms_first: 2_000,
  aggregate_alarm_retry_ms_max: 60_000,
  /** The longest that it takes a request in, and keeps a connection without one. */
  aggregate_upload_ms_max: 3600 * 1000,
  aggregate_keep_alive_ms: 30_000,
  /** What a client may leave unread of its WebSocket before the connection is ended. */
  aggregate_unread_bytes_max: 4 * 1024 * 1024,
  /** A peer's record, signed, and what it may list. */
  peer_record_bytes_max: 16 * 1024,
  peer_record_models_max: 64,
  peer_record_attestations_max: 4,
  peer_addresses_max: 16,
  peer_address_chars_max: 256,
  attestation_bytes_max: 1_536,
  attestation_ms: 24 * 3600 * 1000,
  /** How often a runner has its edge's word of it anew, and how soon it asks again where that failed. */
  attestation_renew_ms: 6 * 3600 * 1000,
  attestation_retry_ms: 5 * 60 * 1000,
  /** How long a peer's record holds, how often it is made anew, and the longest that anybody's is believed to. */
  peer_record_ms_default: 30 * 60 * 1000,
  peer_record_renew_ms: 10 * 60 * 1000,
  peer_record_ms_max: 24 * 3600 * 1000,
  /** How often a node looks whether its record still says what is; what changes all the time is told no sooner. */
  peer_record_check_ms: 60_000,
  /** After a change, so that several together make one record; and how long the nearest peers of a label are taken for the same. */
  peer_record_debounce_ms: 2_000,
  peer_label_nearest_ms: 30 * 60 * 1000,
  /** Records of others that a node keeps to hand on, and how many peers' sequence numbers it remembers. */
  peer_records_kept_max: 4_096,
  peer_records_kept_bytes_max: 16 * 1024 * 1024,
  peer_sequences_kept_max: 16_384,
  /** One question for records: labels and runners that it names, those that the asker has already, and the answer's size. */
  discovery_labels_max: 32,
  records_asked_max: 64,
  records_known_max: 1_024,
  records_answered_max: 64,
  records_answer_bytes_max: 256 * 1024,
  /** How long one peer is waited for, and questions that it may ask in a minute. */
  records_ask_ms_max: 5_000,
  records_per_minute_max: 600,
  /** A find: how long it goes on, what it finds at most, and peers or labels that are asked at once. */
  peer_find_ms_default: 30_000,
  peer_find_ms_max: 600_000,
  peer_find_max: 1_000,
  peer_find_parallel: 8,
  /** How long a record holds that an edge shows, and how often it is told a new one. */
  peer_mirror_ms: 2 * 3600 * 1000,
  peer_mirror_renew_ms: 3600 * 1000,
  /** By how much the clocks of two peers may differ. */
  peer_clock_skew_ms_max: 120_000,
  /** Connections of one peer-to-peer node, and those of them with one host: an IPv4 address, or the /64 of an IPv6 one. */
  peer_connections_max: 300,
  peer_connections_per_host_max: 64,
  /** New connections of one host in a second, and all that are in the middle of their handshakes. */
  peer_inbound_per_second_max: 20,
  peer_handshakes_max: 64,
  /** From a connection's beginning to the end of its handshakes. */
  peer_handshake_ms_max: 10_000,
  /** How often a peer is asked whether it is still there. */
  peer_ping_ms: 20_000,
  peer_ping_answer_ms_max: 20_000,
  /** What a node remembers of peers and keeps for the DHT: entries and bytes, in memory. */
  peer_store_entries_max: 20_000,
  peer_store_bytes_max: 32 * 1024 * 1024,
  /** Streams of one connection, of all protocols, and of one of ours. */
  peer_streams_max: 128,
  peer_protocol_streams_max: 32,
  /** What a stream holds of what nobody has read yet, and one frame of a connection; a stream's window is smaller than that by the slack. */
  peer_stream_unread_bytes_max: 4 * 1024 * 1024,
  peer_frame_bytes_max: 1024 * 1024,
  peer_frame_slack_bytes: 128 * 1024,
  /** What is to be sent to a peer, on all streams together, and has not left this machine: bytes, and frames. */
  peer_unsent_bytes_max: 16 * 1024 * 1024,
  peer_unsent_frames_max: 16_384,
  /** Streams of one connection for pings, and what of pings may wait for an answer. */
  peer_ping_streams_max: 4,
  peer_ping_ahead_bytes_max: 64 * 1024,
  /** One message of a protocol of ours, where it says nothing less. */
  peer_message_bytes_max: 4 * 1024 * 1024,
  /** How long a peer may let a message be waited for. */
  peer_message_ms_max: 30_000,
  /** Reservations of one relay, and how long and for how many bytes it passes on one connection. */
  relay_reservations_max: 128,
  relay_connection_ms_max: 3600 * 1000,
  relay_connection_bytes_max: 256 * 1024 * 1024,
  /** Relays that lead others to a node with no port of its own, and how often it looks for more. */
  relays_of_node_max: 2,
  relay_look_ms: 15_000,
  /** How often a node asks to be dialled back, how often one connection may ask, how long a dial may take, and a message of it. */
  reach_ask_ms: 60_000,
  reach_asks_max: 64,
  reach_dial_ms_max: 5_000,
  reach_message_bytes_max: 256,
  /** Between two tries to find anybody again: at first, and at most. */
  peer_rejoin_ms_min: 5_000,
  peer_rejoin_ms_max: 5 * 60 * 1000,
  /** Dials at one time. */
  peer_dials_max: 16,
  /** A dial, with the handshake. */
  peer_dial_ms_max: 10_000,
  /** Peers of one bucket of the DHT (Kademlia's k), and how many are asked at once (its alpha). */
  dht_bucket_peers: 8,
  dht_parallel: 3,
  /** What one peer may ask the DHT, or leave with it, in so long; what is more waits, and looks again so often. */
  dht_questions_max: 200,
  dht_questions_ms: 2_000,
  dht_question_wait_ms: 25,
  /** How long a node waits before its first look-up in the DHT, which all others wait for. */
  dht_first_query_ms: 100,
  /** Rows of one direct job, and the bytes of its inputs or of its outputs. */
  direct_rows_max: 4_096,
  direct_bytes_max: 3 * 1024 * 1024,
  /** Direct jobs that one provider has accepted and not answered: all of them, and one client's. */
  direct_jobs_max: 16,
  direct_jobs_per_client_max: 4,
  /** How long a client's offer holds. */
  direct_offer_ms_default: 60_000,
  direct_offer_ms_max: 600_000,
  /** How long an accepted offer waits for its inputs. */
  direct_inputs_ms_max: 10_000,
  /** Offers that a provider remembers so that none is worked twice: all of them, and one client's. */
  direct_offers_kept_max: 4_096,
  direct_offers_per_client_max: 512,
  /** Results that are kept for clients who ask again, on disk; the oldest goes first. */
  direct_results_bytes_max: 256 * 1024 * 1024,
  /** A stream for direct jobs on which nothing is asked. */
  direct_idle_ms_max: 120_000,
  /** Streams that a client has open with one provider. */
  direct_streams_max: 8,
  /** Times that a client asks a provider the same offer when the stream breaks. */
  direct_attempts_max: 3,
  /** An escrow must last this much longer than a voucher is taken on it, so that there is time to redeem. */
  direct_escrow_ms_min: 24 * 3600 * 1000,
  direct_detail_chars_max: 512,
  /** Ids that a provider lets ask it for direct jobs. */
  direct_allow_max: 256,
  /** Endpoints of a chain that a runner is given. */
  escrow_endpoints_max: 8,
  /** Addresses of peers that an edge hands out to start with. */
  bootstrap_peers_max: 32,
  /** How long an edge may take to name peers: others are waiting to be tried. */
  peers_ask_ms_max: 5_000,
  /** How often a runner asks an edge that names no peers whether it does now. */
  peers_ask_every_ms: 10 * 60 * 1000,
  /** Of a blob between peers: what is asked for, sent and checked at once. */
  blob_chunk_bytes: 1024 ** 2,
  /** A question about a blob. */
  blob_request_bytes_max: 512,
  /** Questions of one stream that wait for their answers, and those that are read in a second. */
  blob_requests_max: 16,
  blob_requests_per_second_max: 1_000,
  /** Streams on which blobs are served at once, and those of them to one peer. */
  blob_streams_max: 64,
  blob_streams_per_peer_max: 2,
  /** How long such a stream may stand idle. */
  blob_stream_idle_ms: 90_000,
  /** How long a peer may take for a chunk, and to say what it has; so long the first answers are waited for before anything is drawn from the edge. */
  blob_chunk_ms_max: 30_000,
  blob_answer_ms_max: 3_000,
  /** How long a peer that has no more than was known may keep the question what it has, until it has more. */
  blob_news_ms_max: 5_000,
  /** Peers that are asked whether they have a blob, and those that it is taken from at once. */
  blob_peers_asked_max: 32,
  blob_sources_max: 8,
  /** Chunks that one peer is asked for ahead; it begins with one. */
  blob_window_chunks_max: 4,
  /** A chunk that takes longer than this, and than twice what was expected, is asked for elsewhere too. */
  blob_hedge_ms_min: 1_000,
  /** Peers that fetch a blob and are told of to the others who do, how long they are remembered, and of how many blobs. */
  blob_fellows_max: 8,
  blob_fellow_addresses_max: 4,
  blob_fellow_ms: 60_000,
  blob_fellow_blobs_max: 1_024,
  /** How long those are asked who were found to have a model, before they are looked for anew. */
  blob_holders_ms: 30_000,
  /** How often the owner is told what went out to peers. */
  blob_tell_ms: 10_000,
  /** How often peers are looked for while a blob is on its way. */
  blob_look_ms: 5_000,
  /** How long another peer that draws a blob from the edge may bring nothing new until the next one does it, and until each does it for itself. */
  blob_turn_ms_max: 10_000,
  blob_wait_ms_max: 30_000,
  /** The least that peers must bring together, before what is missing is drawn from the edge. */
  blob_bytes_per_ms_min: 1_000,
  /** How long a peer that sent something wrong is left alone, and how many are remembered. */
  blob_distrust_ms: 3600 * 1000,
  blob_distrusted_max: 1_024,
  /** Blobs of a runner that others may have, and how long the beginning of one that nobody went on with is kept. */
  blob_shared_max: 4_096,
  blob_part_ms_max: 24 * 3600 * 1000,
  /** An invitation of a peer's aggregator, signed, and how long one holds. */
  invitation_bytes_max: 8 * 1024,
  invitation_ms_max: 24 * 3600 * 1000,
  aggregator_name_chars_max: 64,
  /** A request or an answer that peers hand on: its head's values, and one piece of its body. */
  lease_path_chars_max: 512,
  lease_header_chars_max: 1_024,
  lease_detail_chars_max: 512,
  lease_piece_bytes_max: 256 * 1024,
  /** An answer of a peer's aggregator that is no blob, as leases with their inputs are, and requests to it in a second. */
  lease_answer_bytes_max: 16 * 1024 * 1024,
  lease_requests_per_second_max: 50,
  /** Streams of one runner to one peer's aggregator, and how long one that nobody uses stays open. */
  lease_streams_max: 16,
  lease_stream_idle_ms_max: 60_000,
  /** A body up to this size is read as it comes; larger ones that are not blobs wait for a place, of which a peer has two. */
  lease_body_bytes_small: 64 * 1024,
  lease_bodies_per_peer_max: 2,
  lease_bodies_at_once_max: 64,
  lease_body_ms_max: 60_000,
  /** Runners that a peer's aggregator answers at once. */
  aggregate_runners_max: 256,
  /** How often an aggregator looks for runners, how many it keeps in mind, and how many it invites at once. */
  recruit_every_ms: 15_000,
  recruits_known_max: 1_024,
  recruits_invited_at_once: 8,
  /** Pause before a runner is invited again: after one that worked went away, and at most where it never answers. */
  recruit_again_ms_min: 10_000,
  recruit_again_ms_max: 10 * 60 * 1000,
  /** Peers' aggregators that one runner works for at once, and where its owner may set it. */
  aggregators_max: 16,
  aggregators_listed_max: 64,
  aggregators_default: 4,
  /** How often a runner asks an aggregator that its owner has named for an invitation, more rarely each time that it gets none. */
  aggregator_ask_ms_min: 5_000,
  aggregator_ask_ms_max: 300_000,
  /** How long the leases that were signed for a peer's aggregator are kept in mind after the last work for it. */
  aggregator_remembered_ms: 7 * 24 * 3600 * 1000,
  /** How long a runner looks for a peer's aggregator that went away before it forgets it. */
  aggregator_away_ms_max: 10 * 60 * 1000,
} as const;
