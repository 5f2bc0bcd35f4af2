#pragma once
// What the files of the pack call what a leaf names by keys: for verifiers, by the digests under which leaves name their
// files (decision 0194). They are no part of any proof.

#include <memory>
#include <string_view>

#include "institution/pack.hpp"

namespace landglass::web {

class Assets;
class Router;

// An act of this file. One name may be titled otherwise in another state, and a leaf does not say from which: then each of
// its titles. Empty where the file knows no such act.
base::Text act_in_words(const institution::Institution& in, std::string_view action);
// A state with those of the regions beside it, `in_force|mortgage:none`; empty where the file does not know one of them.
base::Text states_in_words(const institution::Institution& in, std::string_view states);

// {files: {digest: {institution, title, acts, states, fields}}, tables}: of each version that this pack has loaded. Titles
// are [zh, en]; a field is [zh, en, type] with the name of its code table or the values that the file gives it.
base::Json leaf_words(const institution::Pack& pack);

// /words, and /verify.html: the verifier in one file, with the words that this house has, to be kept.
void add_leaf_words(Router& router, const institution::Pack& pack, std::shared_ptr<const Assets> assets);

}  // namespace landglass::web
