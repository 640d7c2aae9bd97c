// The shapes of the citizen's part of the API.
import type { Instant, Language, MessageState } from "../api/types";

export interface ChatCampaign {
  name: Record<Language, string>;
  administration: string;
  hue: number;
  languages: Language[];
  welcome: Record<Language, string>;
  topics: { id: string; name: Record<Language, string> }[];
  is_open: boolean;
  max_chars: number;
}

export interface Conversation {
  id: string;
  ticket_number: string;
  state: "waiting" | "active" | "paused" | "ended";
  position: number | null;
  expected_wait: { from_seconds: number; to_seconds: number } | null;
  agents_available: boolean;
  agent_name: string | null;
  language: Language;
  topic_name: string;
  last_seq: number;
  /** How far the citizen has read, and how far the agent has. */
  read_seq: number;
  other_read_seq: number;
  server_time: Instant;
  started_at: Instant;
}

export interface ChatMessage {
  id: string;
  seq: number;
  kind: "citizen" | "agent" | "system";
  body: string;
  author_name: string | null;
  created_at: Instant;
  state: MessageState | null;
  code: string | null;
  /** The Idempotency-Key it was created with: the page drops its own pending copy by it. */
  key: string | null;
}
