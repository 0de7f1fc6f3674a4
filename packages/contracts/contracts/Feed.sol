// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPriceFeed} from "./IPriceFeed.sol";

/// @title Feed
/// @notice What a price feed says, whatever it is: one that is dead says nothing, and stops nobody.
library Feed {
    /// @dev A feed has so much to answer with. One that needs more says nothing, to anybody; and one that burns what it is given leaves the rest.
    uint256 internal constant GAS = 500_000;

    /// @notice A feed's newest price, USD × 1e18, and when it says that was. Zero, of no time, where it is dead.
    /// @param scale What its answers are multiplied by.
    function peek(IPriceFeed feed, uint256 scale) internal view returns (uint256 price, uint256 updatedAt) {
        // By hand: what is no contract any more, or answers something else, would else have every view fail; and of an
        // answer however long no more is copied than what is read, so that none costs whoever asks all his gas.
        bytes memory asked = abi.encodeCall(IPriceFeed.latestRoundData, ());
        uint256[5] memory round;
        bool answered;
        assembly ("memory-safe") {
            answered := staticcall(GAS, feed, add(asked, 32), mload(asked), round, 160)
            answered := and(answered, gt(returndatasize(), 159))
        }
        if (!answered) return (0, 0);
        (int256 answer, uint256 stamp) = (int256(round[1]), round[3]);
        if (answer > 0 && answer <= type(int128).max) (price, updatedAt) = (uint256(answer) * scale, stamp);
    }

    /// @notice Whether a price of this time is neither older than its heartbeat nor from the future.
    function isFresh(uint256 updatedAt, uint256 heartbeatSeconds) internal view returns (bool) {
        return updatedAt <= block.timestamp && block.timestamp - updatedAt <= heartbeatSeconds;
    }
}
