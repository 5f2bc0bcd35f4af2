#pragma once
// A paper as a structure, before any page: what a template filled with fields becomes, and what both the PDF and the page
// in a browser are drawn from, so that no paper is written twice.

#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace landglass::disclosure {

enum class Align { left, centre, right };

struct Heading {
  base::Text text;
};

struct Paragraph {
  base::Text text;
  bool indented = true;  // two characters, as official papers do; not for the line that names the addressee
};

struct Column {
  base::Text head;
  int weight = 1;  // share of the width
  Align align = Align::left;
};

// A table with a head row, or (`labelled`) one whose first column names what the second says.
struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<base::Text>> rows;
  bool labelled = false;
};

// 落款: who signs, and the date. Several stand side by side (a contract has two).
struct Signature {
  base::Text name;
  std::string date;
};
struct Signatures {
  std::vector<Signature> parties;
};

// What holds of a right, side by side: in force, mortgaged, sealed, changed, cancelled.
struct Standing {
  base::Text name;
  bool holds = false;
  bool warns = false;  // that it holds is bad news for who would buy
};
struct Standings {
  std::vector<Standing> all;
};

using Block = std::variant<Heading, Paragraph, Table, Signatures, Standings>;

enum class Look { paper, certificate };

// What ties the sheet to the log. All of it is printed at the foot of every page.
struct Marks {
  std::string record;          // "land-listing/350100-2026-000012"
  std::string code;            // verification code
  std::string qr;              // payload of the QR; empty: none is drawn
  bool demonstration = false;  // 演示 across every page
  base::Time as_of;            // when the act was done; the only time in the file
};

struct Document {
  Look look = Look::paper;
  std::string name;       // of the template
  base::Text letterhead;  // 发文机关标志, in red; empty for forms and contracts
  base::Text title;
  std::string number;  // 文号, already formatted
  std::vector<Block> blocks;
  base::Text law;  // legal ground, printed last and small
  Marks marks;
};

}  // namespace landglass::disclosure
