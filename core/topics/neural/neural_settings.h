#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/params.h"

namespace driftscope::topics {

/// Variational autoencoders over word counts (see networks_torch.h for their architectures).
enum class NeuralModel {
    ProdLda,  ///< Srivastava and Sutton 2017, as OCTIS's AVITM
    Scholar,  ///< Card, Tan and Smith 2018, as Hoyle et al. 2022 run it
    Dvae,     ///< Burkhardt and Kramer 2019, as Hoyle et al. 2022 run it
    Etm,      ///< Dieng, Ruiz and Blei 2020, as OCTIS's
    Ctm,      ///< Bianchi, Terragni and Hovy 2021, as OCTIS's
};
std::string_view name(NeuralModel model);

/// What a person chooses; the defaults are the reference implementation's and depend on the model.
struct NeuralSettings {
    NeuralModel model = NeuralModel::ProdLda;
    std::int64_t topics = 50;
    std::int64_t epochs = 100;
    std::int64_t batch = 64;            ///< documents per step
    double learningRate = 2e-3;
    double adamMean = 0.99;             ///< decay of Adam's mean of gradients (beta 1)
    double adamSquare = 0.99;           ///< decay of Adam's mean of squares (beta 2)
    double weightDecay = 0;             ///< L2 as Adam adds it to the gradient
    std::int64_t hidden = 100;          ///< units of the encoder's hidden layers
    std::int64_t embedding = 300;       ///< ETM: size of word and topic embeddings
    double dropout = 0.2;
    double priorAlpha = 1;              ///< the Dirichlet prior, or the one that the Laplace approximation stands for
    std::int64_t klAnnealEpochs = 0;    ///< the KL's weight grows from .01 to 1 over so many epochs; 0: 1 from the start
    std::int64_t bnAnnealEpochs = 0;    ///< the share of the batch-normalised decoder falls from 1 to 0; 0: stays 1
    double penalty = 0;                 ///< D-VAE: L1 on the decoder; SCHOLAR: weight of the sparse prior
    bool dropPartial = false;           ///< leave out the last, smaller batch of an epoch
    bool sumLoss = false;               ///< the loss of a step is the sum over its documents, not the mean
    bool zeroShot = false;              ///< CTM: the encoder sees the embeddings alone
    std::string embeddings;             ///< CTM: .npy, documents x size
    std::int64_t measureInterval = 10;  ///< epochs between NPMI, uniqueness and topics.txt
    std::uint64_t seed = 42;
    std::int64_t threads = 1;
};

/// The parameters that these models add to topics.train.
std::vector<ParamSpec> neuralParams();
NeuralSettings readNeuralSettings(NeuralModel model, const Params& params);

/// Weight of the KL at a step (from 0) of training, as Hoyle's D-VAE ramps it: .01 + .99 (step + 1) / (epochs x batches), at most 1.
double klWeight(const NeuralSettings& settings, std::int64_t step, std::int64_t batchesPerEpoch);
/// Share of the batch-normalised decoder: SCHOLAR lowers it once per epoch, the D-VAE per step.
double batchNormShare(const NeuralSettings& settings, std::int64_t step, std::int64_t batchesPerEpoch);

}  // namespace driftscope::topics
