#pragma once
// The statement that an official signs, made ready for him: with every field in the form in which it will stand.

#include <string>

#include "base/crypto.hpp"
#include "institution/registry.hpp"

namespace landglass::institution {

// Brings `command.fields` into canonical form, commits the private ones under fresh salts (into `command.salts`) and says
// what is to be signed. Refuses what does not read (EN-09).
base::Result<log::Act> state_act(const Pack& pack, const std::string& origin, const Institution& in, const Action& action,
                                 Command& command, base::Time until, base::Random& random);

// Puts a signed statement on a command, from outside bytes: {"statement", "salts"?, "key", "bytes"}. Checks the signature
// (some 50 µs, so not on the sequencer's thread) and that it is for this log. ACT-01, ACT-02, EN-18.
base::Status take_signature(const base::Json& given, const std::string& origin, Command& command);

// The action of this name wherever it stands in the file; nullptr where there is none.
// 回避, which no file declares: any official may, in every state that is not final.
const Action& recusal();
const Action* find_action(const Institution& in, std::string_view name);

}  // namespace landglass::institution
