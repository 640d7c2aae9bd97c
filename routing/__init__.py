"""Who answers whom: pure rules and one deterministic engine; facts and the time come in, decisions go out."""
