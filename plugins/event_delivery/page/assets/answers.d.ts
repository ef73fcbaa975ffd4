// Which shape has each answer of the server? Written by `python -m tools.page.declarations`.

export type State = "quarantined" | "failed" | "unconfirmed" | "held" | "missing" | "retrying" | "late" | "running" | "due" | "cancelled" | "delivered" | "empty" | "skipped" | "disabled";

export type TestFileState = "ok" | "failed" | "unconfirmed" | "pending" | "none";

/** How many events a client lacks, and how many were deleted at the source since; None: nobody can tell. */
export interface Difference {
  late: number | null;
  deleted: number | null;
}

/** One delivery in a matrix of many; what is not known is left out. Instants are ISO 8601 in UTC.

    `deliveries`: that many are called by this day, and this is the worst. No backfill delivers what is missing and
    a `part` of a day, or what `has_run` already, without a delivery. A `refused` day was asked for by mistake, and
    counts nowhere. `differs`: from what the source held when last compared. `supplements`: so many brought what
    came late.
     */
export interface Cell {
  day: string;
  event: string;
  state: State;
  attempt?: number;
  next_at?: string;
  delivered_at?: string;
  first_delivered_at?: string;
  rows?: number | null;
  bytes?: number | null;
  error?: string;
  deliveries?: number;
  part?: boolean;
  has_run?: boolean;
  refused?: boolean;
  differs?: Difference;
  supplements?: number;
}

/** What became of a destination's latest test file. */
export interface LatestTestFile {
  state: TestFileState;
  at: string | null;
  error: string | null;
}

/** One destination with its deliveries; `paused` is not known while Airflow does not know its DAG.

    Days from `start_date`, if there is one, to `last_over` can be delivered; the last that is due is `last_due`.
    `notice` says what the quarantine cost, what the schedule went past, and which file will outgrow its line.
     */
export interface Row {
  id: string;
  client: string;
  events: Array<string>;
  format: string | null;
  timezone: string;
  deliver_at: string;
  enabled: boolean;
  quarantined: string | null;
  notice: string | null;
  start_date: string | null;
  last_over: string;
  last_due: string;
  paused: boolean | null;
  test_file: LatestTestFile;
  worst: State;
  cells: Array<Cell>;
}

/** The numbers that the page speaks of. */
export interface OverviewLimits {
  attempts: number;
  late_seconds: number;
  days: number;
  usual_days: number;
}

export interface DaysRange {
  from: string;
  to: string;
}

/** Every delivery of many destinations; `ledger_notice` says why there are none, if that has a reason. */
export interface Overview {
  from: string;
  to: string;
  days: Array<string>;
  now: string;
  ledger_notice: string | null;
  limits: OverviewLimits;
  counts: Record<State, number>;
  last_night: Record<State, number>;
  destinations: Array<Row>;
}

/** What the user may do; `onboard`: take a client on board, by the right to make Connections. */
export interface Permissions {
  act: boolean;
  onboard: boolean;
}

/** The overview as the page gets it; `capacity_notice` says which of Airflow's settings are too low. */
export interface ServedOverview {
  from: string;
  to: string;
  days: Array<string>;
  now: string;
  ledger_notice: string | null;
  limits: OverviewLimits;
  counts: Record<State, number>;
  last_night: Record<State, number>;
  destinations: Array<Row>;
  capacity_notice: string | null;
  may: Permissions;
}

export type Kind = "nightly" | "test";

/** One attempt of a delivery; without an end it was cut off, or is under way.

    `unconfirmed` is the one after which nobody can tell whether the file arrived.
     */
export interface Attempt {
  attempt: number;
  run_id: string | null;
  started_at: string;
  ended_at: string | null;
  seconds: number | null;
  bytes_sent: number | null;
  error: string | null;
  permanent: boolean | null;
  unconfirmed: boolean;
}

/** A day's rows by hour since local midnight, and its most frequent titles. */
export interface Profile {
  rows_by_hour: Record<string, number>;
  top_titles: Record<string, number>;
}

/** Where in Airflow a delivery is: paths below its root. */
export interface DeliveryLinks {
  dag: string;
  run: string | null;
  log: string | null;
  connection: string | null;
}

/** What is known about a delivery's file; `rate` is in bytes a second, `permanent` of the last error.

    `replaces` is the name of the file, of another format, in whose place it came; `exact`: it went out byte for
    byte as it had been delivered before, not made from the source.
     */
export interface DeliveryFile {
  file_name: string | null;
  replaces: string | null;
  exact: boolean;
  remote_path: string | null;
  rows: number | null;
  bytes: number | null;
  sha256: string | null;
  permanent: boolean | null;
  profile: Profile | null;
  seconds: number | null;
  rate: number | null;
  delivered_at: string | null;
  due: string | null;
}

/** One of several deliveries that are called by the same day: the bounds of its interval, and its state. */
export interface NamedDelivery {
  start: string;
  end: string;
  state: State;
}

/** A further file of a day; `replaced`: the day came again as a whole since, and holds its events. */
export interface Supplement {
  number: number;
  state: State;
  file_name: string | null;
  rows: number | null;
  sha256: string | null;
  delivered_at: string | null;
  replaced: boolean;
  error: string | null;
}

/** What was found when a delivered night was last compared with the source; `difference`: None if nothing.

    `found_at`: since when it differs, `handling`: what was done. `outdated`: something was delivered since.
     */
export interface Comparison {
  compared_at: string;
  found_at: string | null;
  difference: Difference | null;
  handling: string | null;
  outdated: boolean;
}

/** One delivery with its file and every attempt; the client's summary is made of it.

    `remark` is why a later redelivery of what had been delivered did not come to its upload.
     */
export interface DeliveryFacts {
  file_name: string | null;
  replaces: string | null;
  exact: boolean;
  remote_path: string | null;
  rows: number | null;
  bytes: number | null;
  sha256: string | null;
  permanent: boolean | null;
  profile: Profile | null;
  seconds: number | null;
  rate: number | null;
  delivered_at: string | null;
  due: string | null;
  destination: string;
  client: string;
  event: string;
  day: string;
  kind: Kind;
  state: State | null;
  start: string | null;
  end: string | null;
  last_error: string | null;
  remark: string | null;
  attempts: Array<Attempt>;
  supplements: Array<Supplement>;
}

/** One delivery in full; `support` is what a client's engineers may be told about it.

    `named` are all deliveries of the event type that are called by this day, if there are several. `unready` and
    `unusual` say what a person should know of the file: the source was not complete, its count is out of line.
    `held`: the sha256 of the file that waits for a person's yes.
     */
export interface DeliveryDetail {
  file_name: string | null;
  replaces: string | null;
  exact: boolean;
  remote_path: string | null;
  rows: number | null;
  bytes: number | null;
  sha256: string | null;
  permanent: boolean | null;
  profile: Profile | null;
  seconds: number | null;
  rate: number | null;
  delivered_at: string | null;
  due: string | null;
  destination: string;
  client: string;
  event: string;
  day: string;
  kind: Kind;
  state: State | null;
  start: string | null;
  end: string | null;
  last_error: string | null;
  remark: string | null;
  attempts: Array<Attempt>;
  supplements: Array<Supplement>;
  cell: Cell | null;
  comparison: Comparison | null;
  unready: string | null;
  unusual: string | null;
  held: string | null;
  named: Array<NamedDelivery>;
  links: DeliveryLinks;
  support: string;
}

/** An interval that is not as it should be: numbers of events, None where nobody can tell. */
export interface DifferingInterval {
  event: string;
  day: string;
  counts: Record<string, number | null>;
  note: string | null;
}

/** A report: its verdict, its totals, the first intervals that differ.

    `unknown`: in how many of them nobody can tell which events differ. `differing_count`: how many there are.
     */
export interface Reconciliation {
  id: number;
  first: string;
  last: string;
  queried_at: string;
  clean: boolean;
  totals: Record<string, number | null>;
  unknown: number;
  differing: Array<DifferingInterval>;
  differing_count: number;
  sha256: string;
  link: string | null;
}

/** A run that is under way, or failed before it had a report; days as it was asked for them. */
export interface UnreportedRun {
  running: boolean;
  first: string | null;
  last: string | null;
  asked_at: string;
  link: string;
}

/** The latest reports, and the runs that have none; the latest first. */
export interface Reconciliations {
  reports: Array<Reconciliation>;
  runs: Array<UnreportedRun>;
}

export type FieldValue = string | number | boolean | Array<string> | Record<string, string> | null;

export type HostKeySource = "yaml" | "connection" | "first contact, unconfirmed" | "confirmed" | "shown only";

/** A key of the server: why it counts, or that it was only shown; since when; and may the reader confirm it? */
export interface HostKey {
  fingerprint: string;
  source: HostKeySource;
  since: string | null;
  confirmable: boolean;
}

/** What the latest delivery found out about the server. */
export interface Behaviour {
  remote_folder: string;
  upload_mode: string;
  takes_files: boolean;
  found_at: string;
}

/** The server's address, never a login; or what is wrong with its Connection. */
export interface ServerFacts {
  kept: boolean;
  server: string | null;
  server_error: string | null;
  folder: string | null;
  host_keys: Array<HostKey>;
  behaviour: Behaviour | null;
}

/** One night: `seconds` of transfer; if it was scheduled, `delay` in seconds from due to the first arrival. */
export interface HistoryNight {
  day: string;
  event: string;
  state: State;
  seconds: number | null;
  bytes: number | null;
  rows: number | null;
  delay: number | null;
  attempts: number;
}

/** Seconds that a transfer may take, seconds from the first to the last attempt, and how many retries. */
export interface HistoryLimits {
  transfer: number;
  window: number;
  retries: number;
}

/** Which files a client gets; `may_show_values`: of learners, in a preview, to this reader. */
export interface ClientFiles {
  events: Array<string>;
  format: string;
  may_show_values: boolean;
}

/** Where in Airflow a destination is: paths below its root. */
export interface DestinationLinks {
  dag: string;
  test_dag: string | null;
  connection: string | null;
}

/** A destination's configuration as read, its server and its last nights.

    `notice` says what a quarantine cost in these nights, what the schedule went past, and which file will outgrow
    its line.
     */
export interface DestinationDetail {
  kept: boolean;
  server: string | null;
  server_error: string | null;
  folder: string | null;
  host_keys: Array<HostKey>;
  behaviour: Behaviour | null;
  id: string;
  client: string;
  quarantined: string | null;
  notice: string | null;
  configuration: Record<string, FieldValue>;
  test_file: LatestTestFile;
  history: Array<HistoryNight>;
  limits: HistoryLimits;
  reconciliations: Reconciliations;
  links: DestinationLinks;
  files: ClientFiles | null;
}

export type Decision = "robot" | "send again";

/** What an action started, where in Airflow it is, and what to tell the user. */
export interface Started {
  dag_id: string;
  run_id: string | null;
  backfill_id: number | null;
  link: string;
  said: string;
}

/** One thing that is less safe than it could be; never a secret. */
export interface Weakness {
  severity: "high" | "medium" | "low";
  where: string;
  what: string;
  advice: string;
}

/** All of them, the worst first. */
export interface SecurityCheck {
  findings: Array<Weakness>;
}

/** A destination that an incident concerns: how far its trouble is (may be empty), and of which days. */
export interface IncidentHit {
  destination: string;
  stage: string;
  days: Array<string>;
}

/** A message at one end of an incident to one recipient, and whether it went out; `error`: why not, so far.

    `recipient`: a sender of include/alerts.yaml, or `contact <destination>`.
     */
export interface IncidentMessage {
  ending: "opened" | "closed";
  recipient: string;
  state: "to be sent" | "sending" | "sent" | "failed";
  made_at: string;
  sent_at: string | null;
  tries: number;
  error: string | null;
}

/** One thing that is wrong, from its first sign until it is over. Instants are ISO 8601 in UTC.

    `title` and `advice` say in words what is wrong and what to do. `messages` are those of recipients that the
    reader may know of. `may_answer`: the reader may acknowledge and snooze it.
     */
export interface Incident {
  id: number;
  kind: string;
  severity: "info" | "warning" | "error";
  concerns: string;
  title: string;
  cause: string;
  advice: string;
  hits: Array<IncidentHit>;
  opened_at: string;
  last_seen_at: string;
  closed_at: string | null;
  acknowledged_by: string | null;
  acknowledged_at: string | null;
  snoozed_until: string | null;
  snooze_reason: string | null;
  messages: Array<IncidentMessage>;
  may_answer: boolean;
}

/** The open incidents, the gravest first, then those that are over, the latest first; `now`: when read. */
export interface Incidents {
  now: string;
  incidents: Array<Incident>;
}

/** What was recorded of an incident, and what to tell the user. */
export interface Answered {
  id: number;
  said: string;
}

/** One thing that would fail, once for all that share it, and what to do.

    `destinations`: whose it is; empty: it concerns every one. `server`: host and port, if it has to do with one.
     */
export interface Foreseen {
  kind: string;
  server: string | null;
  destinations: Array<string>;
  told: string;
  advice: string;
}

/** A destination of which nothing was found; `server`: host and port, None: not known. */
export interface FineDestination {
  destination: string;
  server: string | null;
}

/** What the coming night was last found to be. Instants are ISO 8601 in UTC.

    `looked_at`: when that look began, null: there was none. `is_current`: no other should have followed it by now.
    `looked`: over how many destinations that the reader may know of. `link`: the path of the DAG that looks.
     */
export interface PreflightAnswer {
  now: string;
  looked_at: string | null;
  is_current: boolean;
  looked: number;
  findings: Array<Foreseen>;
  fine: Array<FineDestination>;
  link: string;
}

/** How a file begins, before it is packed, and in sentences what is to be known of it.

    `masked`: columns whose values were left in the database; `may_show`: the reader may see them.
     */
export interface Preview {
  file_name: string;
  day: string | null;
  text: string;
  notes: Array<string>;
  masked: Array<string>;
  may_show: boolean;
}

/** Where a new destination would be kept: its Connection in Airflow's database, or a secrets backend is set. */
export interface BoardingPlace {
  database: boolean;
  folder: string;
  writable: boolean;
}

/** Which steps were taken, and which failed: why, a hint for us, the client's next e-mail.

    `fingerprint`: of the host key that the server showed, to be confirmed. `commands`: what keeps the destination
    elsewhere. `yaml`: its file; `written`: it is where it belongs. `aboard`: all was done.
     */
export interface Boarding {
  done: Array<string>;
  failed: string | null;
  hint: string | null;
  email: string | null;
  fingerprint: string | null;
  commands: string | null;
  file_name: string;
  yaml: string | null;
  written: boolean;
  aboard: boolean;
}
