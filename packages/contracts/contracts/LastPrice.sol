// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPriceFeed} from "./IPriceFeed.sol";

/// @title LastPrice
/// @notice A feed with one price for good, always fresh: the successor of one that died where no other source is left.
///         Whoever reads it while its notice runs knows at what price the market ends.
contract LastPrice is IPriceFeed {
    /// @inheritdoc IPriceFeed
    uint8 public immutable decimals;
    int256 private immutable _answer;

    /// @notice What it prices.
    string public description;

    /// @notice No venue takes such a price: it is not positive, too great, or has too many digits.
    error NoPrice(int256 answer, uint8 decimals);

    /// @param answer USD per whole token, times 10 to the power of `decimals_`.
    /// @param decimals_ 8, where gateways and liquidators are to read it as well.
    constructor(string memory description_, int256 answer, uint8 decimals_) {
        if (answer <= 0 || answer > type(int128).max || decimals_ > 18) revert NoPrice(answer, decimals_);
        (description, _answer, decimals) = (description_, answer, decimals_);
    }

    /// @inheritdoc IPriceFeed
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (1, _answer, block.timestamp, block.timestamp, 1);
    }
}
