// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {IPriceFeed} from "../IPriceFeed.sol";

/// @title PriceFeed
/// @notice A feed of Chainlink's shape whose owner says what the price is, and when it was. For local chains.
contract PriceFeed is IPriceFeed, Ownable {
    uint8 public constant decimals = 8;

    string public description;

    uint80 private _roundId;
    int256 private _answer;
    uint256 private _updatedAt;

    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    constructor(string memory description_, int256 answer, address owner_) Ownable(owner_) {
        description = description_;
        _set(answer, block.timestamp);
    }

    /// @notice The price now.
    /// @param answer USD per whole token × 1e8.
    function set(int256 answer) external onlyOwner {
        _set(answer, block.timestamp);
    }

    /// @notice A price of whatever time, so that stale and future ones can be shown.
    /// @param answer USD per whole token × 1e8.
    /// @param updatedAt Unix seconds.
    function setAt(int256 answer, uint256 updatedAt) external onlyOwner {
        _set(answer, updatedAt);
    }

    /// @inheritdoc IPriceFeed
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (_roundId, _answer, _updatedAt, _updatedAt, _roundId);
    }

    function _set(int256 answer, uint256 updatedAt) private {
        _answer = answer;
        _updatedAt = updatedAt;
        emit AnswerUpdated(answer, ++_roundId, updatedAt);
    }
}
