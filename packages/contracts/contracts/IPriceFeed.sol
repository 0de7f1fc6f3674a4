// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IPriceFeed
/// @notice What a venue reads from a price feed of Chainlink's shape.
interface IPriceFeed {
    /// @notice Digits after the point of `answer`.
    function decimals() external view returns (uint8);

    /// @notice The newest price. `answer` is USD per whole token; `updatedAt` is in unix seconds.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}
