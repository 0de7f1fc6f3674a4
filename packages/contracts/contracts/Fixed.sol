// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Fixed
/// @notice Products of signed amounts and fractions, with the rounding in the name.
library Fixed {
    /// @notice ⌈size · price⌉, USD × 1e18, of a size in base units × 1e18 and a price in USD × 1e18.
    function notional(uint256 size, uint256 price) internal pure returns (uint256) {
        return Math.mulDiv(size, price, 1e18, Math.Rounding.Ceil);
    }

    /// @notice ⌈amount · ppm⌉.
    function ofPpm(uint256 amount, uint256 ppm) internal pure returns (uint256) {
        return Math.mulDiv(amount, ppm, 1e6, Math.Rounding.Ceil);
    }

    /// @notice |x|.
    function abs(int256 x) internal pure returns (uint256) {
        return x < 0 ? uint256(-x) : uint256(x);
    }

    /// @notice a · b / d, towards minus infinity.
    function mulDivDown(int256 a, uint256 b, uint256 d) internal pure returns (int256) {
        return
            a < 0 ? -int256(Math.mulDiv(uint256(-a), b, d, Math.Rounding.Ceil)) : int256(Math.mulDiv(uint256(a), b, d));
    }

    /// @notice a · b / d, towards plus infinity.
    function mulDivUp(int256 a, uint256 b, uint256 d) internal pure returns (int256) {
        return -mulDivDown(-a, b, d);
    }
}
