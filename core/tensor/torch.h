#pragma once

// The one door to LibTorch's headers, so that the precompiled header serves every unit that uses tensors.
#include <torch/torch.h>
