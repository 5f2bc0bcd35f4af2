#pragma once
// Trouble as a reader of HTTP sees it: application/problem+json (RFC 9457). The one place where a refusal's code becomes a
// status. `title` is in the reader's language, as the RFC wants a string; `say` has both.

#include <functional>

#include "web/http.hpp"

namespace landglass::web {

// By the longest prefix in the table of problem.cpp; a rule of law that says no is 422.
int status_of(const base::Refusal& refusal);
// The same to a person who does not know the codes: a heading, and what it means for him.
struct PlainWords {
  base::Text title, text;
};
PlainWords plain_words(int status);

base::Json problem_json(const base::Trouble& trouble, const Request& request);
Response problem(const base::Trouble& trouble, const Request& request);

// The page for a person instead of JSON, where one is set (before the server starts) and the request wants HTML.
using ProblemPage = std::function<std::string(const base::Json& problem, const Request& request)>;
void set_problem_page(ProblemPage page);

}  // namespace landglass::web
