// The shapes of the API's answers, by hand: small, and read by both pages. Times are ISO 8601 UTC, ids are UUIDs.

export type Id = string;
export type Instant = string;
export type Language = "fr" | "en";
export type Channel = "voice" | "chat" | "sms" | "email";
export type Role = "agent" | "supervisor" | "administrator" | "operator";

export interface Named {
  id: Id;
  name: string;
}

/** An administration in whose name one speaks; *hue* is its colour, one of the bands of tokens.css. */
export interface Speaker extends Named {
  hue: number;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface Account extends Named {
  role: Role;
  language: Language;
  login: string;
}

export interface Session {
  account: Account;
  csrf_token: string;
}

export interface SocketToken {
  token: string;
  expires_in_seconds: number;
}

export type PresenceState = "ready" | "paused" | "resting" | "offline";
export type PauseReason = "break" | "training" | "meal" | "other";
export type PresenceReason = PauseReason | "missed_offers" | "unreachable" | "silent";
export type Loads = Partial<Record<Channel, { load: number; capacity: number }>>;

export interface Presence {
  state: PresenceState;
  reason: PresenceReason | null;
  since: Instant;
  channels: Loads;
}

export type MessageKind = "citizen" | "agent" | "note" | "system";
export type MessageState =
  "received" | "queued" | "sending" | "sent" | "delivered" | "read" | "failed" | "undelivered" | "outcome_unknown";

export interface Exchange {
  kind: MessageKind;
  body: string;
  at: Instant;
}

/** What an offer and an assignment say of the contact they are about. */
interface ContactFacts {
  id: Id;
  ticket_id: Id;
  ticket_number: string;
  channel: Channel;
  topic: Named;
  campaign: Named;
  administration: Speaker;
  citizen_name: string | null;
}

export interface Offer extends ContactFacts {
  language: Language;
  waited_seconds: number;
  offered_at: Instant;
  expires_at: Instant;
  last_exchange: Exchange | null;
}

export type AssignmentState = "connecting" | "active" | "wrapping";

export interface Assignment extends ContactFacts {
  interaction_id: Id;
  state: AssignmentState;
  started_at: Instant;
  wrap_until: Instant | null;
  visitor_present: boolean | null;
  last_message: (Exchange & { seq: number }) | null;
  unread: number;
  /** The line of a conversation on the telephone. */
  call: CallInHand | null;
}

export type CallStage =
  "menu" | "deflected" | "waiting" | "talking" | "voicemail" | "leaving" | "promised" | "calling" | "ended";

export interface CallInHand {
  id: Id;
  state: CallStage;
  is_held: boolean;
  began_at: Instant;
  direction: "inbound" | "outbound";
  number: string | null;
  interaction_id: Id | null;
}

export interface PastCall extends CallInHand {
  outcome: string | null;
  ended_at: Instant | null;
  talked_seconds: number;
  agent_name: string | null;
  recordings: { id: Id; seconds: number; is_ready: boolean }[];
  /** What the campaign's policy answered to the caller; null where none was in force. */
  admission: CallAdmission | null;
}

export interface CallAdmission {
  is_admitted: boolean;
  rule: string;
  reasons: string[];
  policy_number: number;
  offered: string[];
  taken: string | null;
  arrived_at: Instant;
}

export interface Work {
  server_time: Instant;
  presence: Presence | null;
  offers: Offer[];
  assignments: Assignment[];
}

export interface WrapUpCode {
  code: string;
  name: string;
}

export type TicketState = "new" | "open" | "waiting_citizen" | "waiting_third_party" | "resolved" | "closed" | "merged";

export interface TicketRow {
  id: Id;
  number: string;
  subject: string;
  state: TicketState;
  priority: number;
  channel: Channel;
  language: Language;
  topic: Named | null;
  campaign: Named;
  administration: Speaker;
  citizen_name: string | null;
  owner: Named | null;
  waiting: boolean;
  created_at: Instant;
  updated_at: Instant;
  excerpt: string | null;
}

export interface ContactPoint {
  id: Id;
  kind: "phone" | "email" | "visitor";
  value: string;
  disabled: boolean;
}

export interface Interaction {
  id: Id;
  channel: Channel;
  state: "open" | "paused" | "ended";
  started_at: Instant;
  ended_at: Instant | null;
  endpoint: string | null;
}

export interface OtherTicket {
  id: Id;
  number: string;
  subject: string;
  state: TicketState;
  updated_at: Instant;
}

export interface Ticket extends TicketRow {
  version: number;
  last_seq: number;
  citizen: {
    id: Id;
    name: string | null;
    language: Language;
    identity_level: number;
    contact_points: ContactPoint[];
  } | null;
  interactions: Interaction[];
  assignment: { id: Id; agent: Named; state: AssignmentState } | null;
  other_tickets: OtherTicket[];
  can: { reply: boolean; note: boolean; edit: boolean; finish: boolean };
  reply_channel: Channel | null;
  reply_to: ReplyTo | null;
  draft: { body: string; updated_at: Instant } | null;
}

/** Between which addresses a reply goes. *refused* is a code: why nothing can be sent there now. */
export interface ReplyTo {
  channel: Channel;
  from_address: string;
  to_address: string | null;
  is_one_way: boolean;
  refused: string | null;
}

export interface Attachment {
  id: Id;
  file_name: string;
  content_type: string;
  size_bytes: number;
}

export interface Message {
  id: Id;
  seq: number;
  kind: MessageKind;
  body: string;
  author: Named | null;
  channel: Channel | null;
  interaction_id: Id | null;
  created_at: Instant;
  state: MessageState | null;
  failure: string | null;
  attachments?: Attachment[];
  /** What came with a text and is not here: yet or, with a failure, at all; by its sender's word for the type. */
  media?: { content_type: string; failure: string | null }[];
  code: string | null;
  /** The Idempotency-Key it was created with: the page drops its own pending copy by it. */
  key: string | null;
  revision?: number;
}

export interface MessageList<M> {
  items: M[];
  last_seq: number;
}

export interface HistoryEntry {
  at: Instant;
  action: string;
  actor: { name: string } | null;
  actor_kind: string;
  version: number;
  changed: string[];
}

export interface RoutingAgent {
  name: string;
  failing: string | null;
  facts: Record<string, unknown>;
}

export interface Routing {
  waiting: {
    position: number;
    expected_wait: { from_seconds: number; to_seconds: number } | null;
    step: number;
    steps: number;
    next_step_at: Instant | null;
    enqueued_at: Instant;
    key: Instant;
    priority: number;
    target_seconds: number;
    /** Of every step reached: whoever meets one of them may have it. */
    needs: { channel: Channel; language: Language | null; skills: Record<string, number>; queue: string | null }[];
    skill_names: Record<string, string>;
    curtains: { kind: "held" | "reserved" | "delayed"; who: string; until_at: Instant }[];
    /** The channel on which another contact of the same place is being offered. */
    offered_elsewhere: Channel | null;
    agents: RoutingAgent[];
  } | null;
  offers: {
    agent: { name: string };
    state: string;
    offered_at: Instant;
    decided_at: Instant | null;
    why: Record<string, unknown>;
  }[];
}

export interface QueueRow extends Named {
  campaign: Named;
  administration: Speaker;
  waiting: number;
  offered: number;
  active: number;
  oldest_enqueued_at: Instant | null;
  oldest_ticket_id: string | null;
  agents_ready: number;
  unserved: boolean;
}

export interface AgentRow extends Named {
  state: PresenceState;
  reason: PresenceReason | null;
  since: Instant;
  last_seen_at: Instant | null;
  channels: Loads;
  skills: Record<string, number>;
  languages: Language[];
}

export interface ValveOverride {
  id: Id;
  state: "open" | "closed";
  reason: string;
  by: Named;
  since_at: Instant;
  until_at: Instant;
}

export interface ValveRow {
  campaign: Named;
  administration: Speaker;
  /** null while nobody tells of the line. */
  told: {
    as_of: Instant;
    mode: "open" | "advise" | "throttle" | "essential_only";
    expected_wait_seconds: number;
    rate_per_hour: number;
    capacity_per_hour: number;
    asked: number;
    admitted: number;
    refused: number;
  } | null;
  override: ValveOverride | null;
}

export interface Wallboard {
  server_time: Instant;
  queues: QueueRow[];
  agents: AgentRow[];
  valves: ValveRow[];
}

export interface Campaign extends Named {
  administration: Speaker;
  channels: Channel[];
  slug: string;
  languages: Language[];
  state: string;
  chat_address: string | null;
  topics: (Named & { queue: string })[];
  queues: Named[];
}

export interface Grant {
  id: Id;
  campaign: Named;
  person: Named;
  outsourcer: Named;
  granted_at: Instant;
  revoked_at: Instant | null;
}

/** A name in each language; French is always there. */
export type Names = { fr: string; en?: string };

export interface PlanStep {
  after_seconds: number;
  skills: Record<string, number>;
  language: boolean;
}

export interface PlanSkill {
  code: string;
  name: Names;
}

export interface PlanQueue {
  id: string;
  name: Names;
  offer_seconds: number;
  wrap_up_seconds: number;
  /** For so long after their arrival, who comes back unserved finds their place again; 0: never. */
  place_seconds: number;
  target_seconds: Partial<Record<Channel, number>>;
  /** Who serves it; none: everybody with a grant. */
  teams: string[];
  /** This team sees contacts only from that age on. */
  delays: { team: string; seconds: number }[];
  /** So many in a hundred contacts are this outsourcer's, until they are that old. */
  reserved: { outsourcer_id: Id; percent: number; spill_seconds: number }[];
  overflow: { queue: string; after_seconds: number } | null;
}

export interface PlanTopic {
  id: string;
  name: Names;
  queue: string;
  priority: number;
  affinity_seconds: number;
  is_retired: boolean;
  steps: PlanStep[];
}

export interface PlanDocument {
  skills: PlanSkill[];
  queues: PlanQueue[];
  topics: PlanTopic[];
}

/** How many agents could ever serve such contacts, at their first and at their last step. */
export interface Coverage {
  topic: string;
  language: Language;
  channel: Channel;
  agents_first: number;
  agents_last: number;
}

export interface PlanVersion {
  number: number;
  author: Named | null;
  reason: string;
  published_at: Instant | null;
}

export interface Plan extends PlanVersion {
  document: PlanDocument;
  languages: Language[];
  channels: Channel[];
  outsourcers: Named[];
  coverage: Coverage[];
}

/** The same text in each of the campaign's languages. */
export type SpokenTexts = Partial<Record<Language, string>>;
export type LeadsTo = "topic" | "person" | "voicemail";

export interface MenuOption {
  /** Of its row in a draft; the server knows none. */
  id?: string;
  key: string;
  name: SpokenTexts;
  /** What callers also say when they mean it. */
  words: Record<Language, string[]>;
  leads_to: LeadsTo;
  topic: Id | null;
}

export interface DayOpening {
  opens: string;
  closes: string;
}

/** `day`: 0 is Monday. */
export interface MenuOpening extends DayOpening {
  day: number;
}

export interface MenuDocument {
  welcome: SpokenTexts;
  options: MenuOption[];
  /** The topic of whoever chooses none. */
  otherwise: Id;
  closed: SpokenTexts;
  voicemail: SpokenTexts;
  takes_messages: boolean;
  openings: MenuOpening[];
  closed_on: string[];
  timeout_seconds: number;
}

export interface PhoneMenu extends PlanVersion {
  document: MenuDocument;
  languages: Language[];
  topics: Named[];
  numbers: string[];
  /** Where they can be called from, on a machine without a real telephone company. */
  phone_page: string | null;
}

export interface MenuState {
  language: Language;
  misses: number;
  turns: number;
}

/** What a caller hears, and then what they are asked or where they are put through. */
export interface MenuStep {
  says: { language: Language; text: string }[];
  state: MenuState;
  asks: { keys: string[]; language: Language; timeout_seconds: number } | null;
  ends: { kind: "topic" | "person" | "emergency" | "voicemail" | "closed"; topic_id: Id | null } | null;
}

export type ShareGroup = "voice" | "chat" | "deferred";

export interface AgentAbilities extends Named {
  version: number;
  languages: Language[];
  skills: Record<string, number>;
  capacity: Record<Channel, number>;
  team: string | null;
  /** In percent of their time, at most. */
  shares: Partial<Record<ShareGroup, number>>;
}

export interface SkillMatrix {
  skills: { code: string; name: string; administrations: string[] }[];
  agents: AgentAbilities[];
}

/** To whom a conversation can be passed on. */
export interface TransferTargets {
  topics: (Named & { queue: Named; waiting: number; is_current: boolean })[];
  agents: (Named & { state: PresenceState })[];
  skills: { code: string; name: string }[];
}

export type PolicyModeName = "advise" | "throttle" | "essential_only";
export type PolicyLine = "mobile" | "fixed" | "withheld" | "overseas" | "relay";
export type PolicyOffer = "callback" | "sms_link" | "chat" | "voicemail" | "quiet_hours" | "article";

export interface PolicyMode {
  enter_seconds: number;
  exit_seconds: number;
  /** In the order in which they are offered. */
  alternatives: Record<PolicyLine, PolicyOffer[]>;
}

/** Goes before holidays and weekly hours; without openings all is closed. */
export interface PolicyDay {
  date: string;
  name: SpokenTexts;
  openings: DayOpening[];
}

export interface PolicyPeak {
  begins_on: string;
  ends_on: string;
  name: SpokenTexts;
  target_wait_seconds: number;
  floor_percent: number;
}

export interface PolicyCohort {
  zone: string;
  name: SpokenTexts;
  deadline: string;
}

export interface PolicySeason {
  begins_on: string;
  ends_on: string;
  peaks: PolicyPeak[];
  cohorts: PolicyCohort[];
}

/** What each field means: docs/policy/README.md. */
export interface PolicyDocument {
  needs_second_person: boolean;
  channels: Record<Channel, boolean>;
  hours: Record<"voice" | "relay" | "chat", MenuOpening[]>;
  territory: string;
  special_days: PolicyDay[];
  season: PolicySeason | null;
  pace: Record<"target_wait_seconds" | "floor_percent" | "returning_percent" | "sticky_minutes" | "dwell_minutes", number> & {
    wait_cap_seconds: number | null;
  };
  modes: Record<PolicyModeName, PolicyMode>;
  exemptions: Record<"promise_broken" | "returns_our_call" | "declared_need", boolean> & {
    deadline_days: number | null;
    declared_need_percent_max: number;
    safety_topics: string[];
  };
  callbacks: Record<
    | "window_minutes"
    | "per_quarter"
    | "no_show_percent"
    | "overbooking_percent_max"
    | "attempts"
    | "retry_minutes"
    | "days_ahead",
    number
  > & { openings: MenuOpening[] };
  limits: Record<
    "chats_waiting_max" | "chat_answer_hours" | "links_per_hour" | "links_per_caller_day" | "text_answer_hours",
    number
  >;
  follow_up: Record<"link_hours" | "recontact_days", number>;
  texts: Record<string, SpokenTexts>;
}

export type PolicyState = "draft" | "checked" | "proposed" | "scheduled" | "in_force" | "superseded" | "rolled_back";

export interface PolicyVersion {
  number: number;
  base_number: number;
  state: PolicyState;
  reason: string;
  author: Named;
  /** The second person. */
  approver: Named | null;
  proposed_at: Instant | null;
  published_at: Instant | null;
  effective_at: Instant | null;
  restores: number | null;
}

export type SimulatedAlternative = "callback" | "sms_link" | "chat" | "voicemail";

/** Where each call ends: the six add up to what arrived. */
export type SimulatedEnd = "closed" | "deflected" | "hung_up" | "answered" | "abandoned" | "waiting";

export interface SimulatedFigures extends Record<"arrived" | "admitted" | "exempt" | "staff_needed" | SimulatedEnd, number> {
  offered: Record<SimulatedAlternative, number>;
  wait_p50_seconds: number | null;
  wait_p90_seconds: number | null;
  abandon_share: number | null;
  refused_share: number | null;
}

export type SimulatedHour = SimulatedFigures & { hour: number };

export type SimulatedTotals = SimulatedFigures &
  Record<"citizens" | "citizens_answered" | "citizens_helped" | "citizens_unserved", number> & {
    unserved_share: number | null;
  };

export interface SimulatedGroup {
  name: string;
  asked: number;
  refused: number;
  refused_share: number | null;
}

export interface SimulatedChannel {
  name: "callbacks" | "chats" | "voicemails";
  contacts: number;
  answered: number;
  abandoned: number;
  waiting: number;
  wait_p50_seconds: number | null;
  wait_p90_seconds: number | null;
  work_hours: number;
  hours: { hour: number; contacts: number }[];
}

export type SimulatedGroups = "line" | "topic" | "hour" | "habit";

export interface SimulatedSide {
  totals: SimulatedTotals;
  hours: SimulatedHour[];
  alternatives: { name: SimulatedAlternative; offered: number; taken: number }[];
  channels: SimulatedChannel[];
  losers: Record<SimulatedGroups, SimulatedGroup[]>;
  modes: { at_seconds: number; mode: PolicyModeName | "open" }[];
}

export interface SimulatedDay {
  name: "calm" | "peak" | "deadline";
  date: string;
  calls_factor: number;
  /** The policy that was in force, and the version. */
  before: SimulatedSide;
  after: SimulatedSide;
  better: Record<"abandon_share" | "wait_p90_seconds" | "refused_share" | "unserved_share", "before" | "after" | "same">;
}

export interface PolicySimulation {
  number: number;
  /** Of the version it is compared with; 0 for none. */
  standing: number;
  asked_by: Named;
  asked_at: Instant;
  ended_at: Instant | null;
  has_failed: boolean;
  steps: number;
  done: number;
  /** The version was changed since. */
  is_stale: boolean;
  settings: {
    seed: number;
    scale: number;
    calls_from: "recorded" | "default";
    recorded_days: number;
    handling_from: "recorded" | "default";
    handling_seconds: number;
    calls_per_day: number;
    agents: number;
    patience_seconds: number;
    redial_share: number;
  };
  report: { days: SimulatedDay[] } | null;
}

export interface Policy {
  /** Of what was published last; 0 for what an administration begins with. */
  number: number;
  document: PolicyDocument;
  published: PolicyVersion | null;
  in_force: PolicyVersion | null;
  draft: (PolicyVersion & { version: number; document: PolicyDocument }) | null;
  /** What the draft changes, a sentence each. */
  changes: string[];
  can_go_back: boolean;
  languages: Language[];
  time_zone: string;
  topics: { slug: string; name: string }[];
}
