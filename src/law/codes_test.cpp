#include "law/codes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <functional>
#include <iostream>

#include "law/auction_test_vectors.hpp"

namespace landglass::law {
namespace {

using base::Json;

Json codes_vectors(std::string_view name) { return test::vectors(LG_SOURCE_DIR, "codes", name); }

Code code_named(std::string_view name) {
  static const std::map<std::string_view, Code> kinds = {{"uscc", Code::uscc},
                                                         {"organisation", Code::organisation},
                                                         {"citizen", Code::citizen},
                                                         {"parcel", Code::parcel},
                                                         {"unit", Code::unit},
                                                         {"licence", Code::licence},
                                                         {"supervision", Code::supervision},
                                                         {"certificate", Code::certificate},
                                                         {"verification", Code::verification}};
  return kinds.at(name);
}

std::string_view word(Fault fault) {
  switch (fault) {
    case Fault::none: return "";
    case Fault::form: return "form";
    case Fault::date: return "date";
    case Fault::check: return "check";
  }
  return "?";
}

// The first two columns of each row of a table of real data; nothing where ../shared is absent.
std::vector<std::pair<std::string, std::string>> rows(const std::string& table) {
  std::ifstream file(LG_SHARED_DIR "/data/" + table);
  std::vector<std::pair<std::string, std::string>> all;
  std::string line;
  if (!file || !std::getline(file, line)) {
    std::cerr << "SKIPPED: ../shared is absent (" << table << ")\n";
    return all;
  }
  while (std::getline(file, line)) {
    const auto comma = line.find(',');
    all.emplace_back(line.substr(0, comma), line.substr(comma + 1, line.find(',', comma + 1) - comma - 1));
  }
  return all;
}

// What a doctest calls and what it promises: ">>> module.calc_check_digit('0794')" and the next line.
void each_call(const std::string& file_name, std::string_view call,
               const std::function<void(const std::string& argument, const std::string& promised)>& visit) {
  std::ifstream file(LG_SHARED_DIR "/data/vectors/stdnum/" + file_name);
  std::string line;
  while (std::getline(file, line)) {
    const auto start = ">>> " + std::string(call) + "('";
    if (!line.starts_with(start)) continue;
    std::string promised;
    std::getline(file, promised);
    visit(line.substr(start.size(), line.find('\'', start.size()) - start.size()), promised);
  }
}

}  // namespace

TEST(CodeVectors, EveryCodeOfTheDocumentIsExaminedAsItSays) {
  const auto all = codes_vectors("codes");
  for (const auto& vector : all.as_array()) {
    const auto finding = examine(code_named(vector.text("kind")), vector.text("code"));
    EXPECT_EQ(word(finding.fault), vector.text("fault")) << base::canonical(vector);
    EXPECT_EQ(finding.only_warns, vector.at("warns").is_bool()) << base::canonical(vector);
    EXPECT_EQ(finding.say.zh.empty() || finding.say.en.empty(), finding.fault == Fault::none) << base::canonical(vector);
  }
}
TEST(CodeVectors, CheckCharactersAreThoseOfTheDocument) {
  const auto all = codes_vectors("checks");
  for (const auto& vector : all.as_array()) {
    const auto body = vector.text("body");
    std::string check;
    if (vector.text("system") == "MOD 97-10") {
      check = mod97_10(body);
      EXPECT_TRUE(mod97_10_valid(std::string(body) + check));
    } else {
      const char one = vector.text("system") == "MOD 11-2" ? mod11_2(body) : mod37_36(body);
      if (one != '\0') check = one;
    }
    EXPECT_EQ(check, vector.text("check")) << base::canonical(vector);
  }
}
TEST(Codes, AnIssuedCodeReadsBackAndNoWrongPartIsPadded) {
  EXPECT_EQ(verification_code("LC", "350102", 2011, 7), "LC350102201100000007W");
  EXPECT_EQ(verification_code("LC", "", 2011, 99'999'999).substr(0, 20), "LC000000201199999999");
  EXPECT_EQ(verification_code("LC", "350102", 2011, 100'000'000), "");
  EXPECT_EQ(verification_code("l1", "350102", 2011, 1), "");
  const auto identifier = certificate_identifier("11100000000013338W002", "11320482014138860P", "201807250201", "001");
  EXPECT_EQ(identifier, "1.2.156.3005.2.11100000000013338W002.11320482014138860P.201807250201.001.M");
  EXPECT_EQ(certificate_identifier("11100000000013338W", "11320482014138860P", "1", "001"), "");
}
TEST(Codes, TheLettersOfParcelsAreAParameter) {
  EXPECT_EQ(examine(Code::parcel, "330902104050GK01550").fault, Fault::form);
  ParcelLetters letters;
  letters.right += 'K';
  EXPECT_EQ(examine(Code::parcel, "330902104050GK01550", letters).fault, Fault::none);
}
TEST(Codes, NoSingleWrongCharacterPassesAVerificationCode) {
  EXPECT_TRUE(rc::check([](std::uint32_t serial, std::uint8_t place, char with) {
    auto code = verification_code("LC", "350102", 2026, serial % 100'000'000);
    RC_ASSERT(verification_code_valid(code));
    auto& changed = code[place % code.size()];
    RC_PRE(changed != with);
    changed = with;
    RC_ASSERT(!verification_code_valid(code));
  }));
}
TEST(Codes, RealUnifiedCodesPassBut5) {
  const auto all = rows("uscc_codes.csv");
  if (all.empty()) GTEST_SKIP();
  std::size_t good = 0;
  for (const auto& [code, name] : all) good += uscc_valid(code) ? 1 : 0;
  EXPECT_EQ(all.size(), 216u);
  EXPECT_EQ(good, 211u);
}
TEST(Codes, RealSupervisionNumbersArePlausible) {
  const auto all = rows("supervision_numbers.csv");
  if (all.empty()) GTEST_SKIP();
  EXPECT_EQ(all.size(), 715u);
  for (const auto& [code, place] : all) EXPECT_TRUE(supervision_number_plausible(code)) << code;
}
TEST(Codes, RealLicenceNumbersReadButThoseOfBefore2008) {
  const auto all = rows("licence_numbers.csv");
  if (all.empty()) GTEST_SKIP();
  std::size_t old = 0;
  for (const auto& [code, kind] : all) {
    const bool before = code.size() == 13;
    old += before ? 1 : 0;
    EXPECT_EQ(licence_number_valid(code), !before) << code;
  }
  EXPECT_EQ(old, 1u);
}
TEST(Codes, ARealUnitCodeReads) {
  const auto all = rows("realestate_unit_codes.csv");
  if (all.empty()) GTEST_SKIP();
  for (const auto& [code, division] : all) {
    EXPECT_TRUE(unit_code_valid(code)) << code;
    EXPECT_TRUE(code.starts_with(division));
  }
}
TEST(Codes, AgreeWithTheDoctestsOfPythonStdnum) {
  int seen = 0;
  const auto unquoted = [](const std::string& text) { return text.size() > 2 ? text.substr(1, text.size() - 2) : text; };
  each_call("test_iso7064.doctest", "mod_11_2.calc_check_digit", [&](const auto& body, const auto& promised) {
    EXPECT_EQ(std::string(1, mod11_2(body)), unquoted(promised)) << body;
    ++seen;
  });
  each_call("test_iso7064.doctest", "mod_97_10.calc_check_digits", [&](const auto& body, const auto& promised) {
    EXPECT_EQ(mod97_10(body), unquoted(promised)) << body;
    ++seen;
  });
  each_call("test_cn_uscc.doctest", "uscc.validate", [&](const auto& code, const auto& promised) {
    if (code.find(' ') != std::string::npos) return;  // we take no spaces
    EXPECT_EQ(uscc_valid(code), promised.starts_with("'")) << code;
    ++seen;
  });
  each_call("test_cn_ric.doctest", "ric.validate", [&](const auto& code, const auto& promised) {
    if (code.ends_with('x') || code.starts_with("99")) return;  // nor small letters, and no table of divisions
    EXPECT_EQ(citizen_id_valid(code), promised.starts_with("'")) << code;
    ++seen;
  });
  if (seen == 0) {
    std::cerr << "SKIPPED: ../shared is absent (stdnum)\n";
    GTEST_SKIP();
  }
  EXPECT_GE(seen, 10);
}

}  // namespace landglass::law
