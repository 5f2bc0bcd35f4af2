#pragma once
// Templates and press of a running house. Opened when the first paper is asked for: the fonts take some 20 ms to read.

#include <mutex>
#include <optional>
#include <string>

#include "disclosure/pdf.hpp"
#include "disclosure/template.hpp"

namespace landglass::web {

class PaperRoom {
 public:
  PaperRoom(std::string templates_folder, std::string font_folder)
      : templates_folder_(std::move(templates_folder)), font_folder_(std::move(font_folder)) {}

  base::Result<const disclosure::Templates*> templates() {
    const std::scoped_lock lock(mutex_);
    if (!templates_) {
      LG_TRY(templates_, disclosure::Templates::load(templates_folder_));
    }
    return &*templates_;
  }
  // A press serves one thread at a time.
  base::Result<std::string> print(const disclosure::Document& document) {
    return with_press([&](const disclosure::Press& press) { return press.pdf(document); });
  }
  template <class Work>
  base::Result<std::string> with_press(Work work) {
    const std::scoped_lock lock(mutex_);
    if (!press_) {
      LG_TRY(press_, disclosure::Press::open(font_folder_));
    }
    return work(*press_);
  }

 private:
  std::string templates_folder_, font_folder_;
  std::mutex mutex_;
  std::optional<disclosure::Templates> templates_;
  std::optional<disclosure::Press> press_;
};

}  // namespace landglass::web
