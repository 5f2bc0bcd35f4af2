#pragma once
// A witness over HTTP (C2SP tlog-witness): add-checkpoint, and what it last cosigned for whoever asks.
// docs/formats/witness.md.

#include "base/time.hpp"
#include "log/witness.hpp"
#include "web/metrics.hpp"
#include "web/server.hpp"

namespace landglass::web {

// POST /add-checkpoint; GET /<SHA-256 of an origin, hex>/checkpoint; GET / says key and logs; /healthz; /metrics from
// loopback. Submission and monitoring prefix are both the root of this server. What is passed must outlive the server.
Site witness_site(log::Witness& witness, base::Clock& clock, Metrics& metrics);

// A log that grows without pause asks a few times a second; whoever asks more often is told to wait.
ServerOptions witness_server_options();

}  // namespace landglass::web
