#include "weft_abi.h"
