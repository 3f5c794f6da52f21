#include "core/llm/study/drift_records.h"

#include "core/base/atomic_file.h"

namespace driftscope::llm {

using nlohmann::json;

Result<void> DriftRecords::open(const std::filesystem::path& folder, const std::vector<std::string>& columns) {
    folder_ = folder;
    columns_ = columns;
    std::string lines;
    for (std::size_t i = 0; i < set_.size(); ++i) {
        json line = toJson(samples_[i]);
        line["sample"] = i;
        line["place"] = set_[i].name;
        line["text"] = form_.whole(samples_[i]);
        line["tokens"] = set_[i].ids.size();
        line["prompt_tokens"] = set_[i].promptLength;
        lines += line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    }
    DS_TRY(writeFileAtomically(folder / "samples.jsonl", lines));
    if (tokenSamples_ == 0) return {};
    // Rows of an interrupted run are measured again: their obs was never written.
    std::error_code code;
    std::filesystem::remove_all(folder / "tokens.h5ad.partial", code);
    DS_ASSIGN(tokens_, io::H5adAppender::open(folder / "tokens.h5ad", columns.size(), {}));
    return {};
}

Result<void> DriftRecords::add(std::int64_t step, const TokenDrift& drift) {
    const SampleLoss loss = responseMeans(drift, static_cast<std::size_t>(set_[drift.sample].promptLength));
    losses_ += fmt::format("{},{},{},{:.9g},{:.9g},{:.9g}\n", drift.sample, step, loss.tokens, loss.before, loss.after, loss.kl);
    return drift.sample < tokenSamples_ ? addTokens(step, drift) : Result<void>();
}

Result<std::vector<TextSpan>> DriftRecords::spansOf(std::size_t sample) const {
    DS_ASSIGN(Encoding encoding, tokenizer_.encode(form_.whole(samples_[sample]), {.addSpecial = true, .parseSpecial = false}));
    // The end-of-sequence token that training adds stands for no text.
    encoding.spans.resize(encoding.spans.size() - encoding.addedAfter);
    encoding.spans.resize(set_[sample].ids.size());
    return std::move(encoding.spans);
}

std::string DriftRecords::pieceOf(std::int64_t id) const {
    const auto token = static_cast<TokenId>(id);
    return tokenizer_.isSpecial(token) ? std::string(tokenizer_.token(token)) : tokenizer_.piece(token);
}

Result<void> DriftRecords::addTokens(std::int64_t step, const TokenDrift& drift) {
    const TokenSample& sample = set_[drift.sample];
    DS_ASSIGN(const std::vector<TextSpan> spans, spansOf(drift.sample));
    Matrix rows(sample.ids.size(), columns_.size());
    for (std::size_t t = 0; t < sample.ids.size(); ++t) {
        for (std::size_t c = 0; c < columns_.size(); ++c) rows(t, c) = drift.relative[c][t];
        sample_.push_back(static_cast<std::int64_t>(drift.sample));
        step_.push_back(step);
        position_.push_back(static_cast<std::int64_t>(t));
        id_.push_back(sample.ids[t]);
        begin_.push_back(spans[t].begin);
        end_.push_back(spans[t].end);
        piece_.push_back(pieceOf(sample.ids[t]));
        part_.emplace_back(static_cast<std::int64_t>(t) < sample.promptLength ? "prompt" : "response");
        kl_.push_back(drift.kl[t]);
        lossBefore_.push_back(drift.lossBefore[t]);
        lossAfter_.push_back(drift.lossAfter[t]);
    }
    return tokens_->append(rows, {});
}

Result<void> DriftRecords::finish(json uns) {
    DS_TRY(writeFileAtomically(folder_ / "losses.csv", "sample,step,tokens,loss_before,loss_after,kl\n" + losses_));
    if (!tokens_) return {};
    EmbeddingTable table(sample_.size());
    uns["columns"] = columns_;
    table.uns = std::move(uns);
    for (std::size_t r = 0; r < sample_.size(); ++r) table.obsNames.push_back(fmt::format("{}_{}_{}", sample_[r], step_[r], position_[r]));
    for (const auto& [name, values] : {std::pair{"sample", &sample_}, {"step", &step_}, {"position", &position_}, {"id", &id_}, {"begin", &begin_}, {"end", &end_}}) DS_TRY(table.setColumn(name, *values));
    DS_TRY(table.setColumn("piece", piece_));
    DS_TRY(table.setColumn("part", Categorical::fromTexts(part_)));
    for (const auto& [name, values] : {std::pair{"kl", &kl_}, {"loss_before", &lossBefore_}, {"loss_after", &lossAfter_}}) DS_TRY(table.setColumn(name, *values));
    return tokens_->finish(table);
}

}  // namespace driftscope::llm
