// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Fixed} from "./Fixed.sol";
import {LimitBook} from "./LimitBook.sol";

/// @title LimitGuarded
/// @notice What a venue inherits to admit new risk by personal limits, and by its own static rates where there is none.
/// @dev USD × 1e18, rates in ppm. Requirements are rounded up.
abstract contract LimitGuarded {
    /// @notice Where certificates are posted.
    LimitBook public immutable limitBook;

    /// @notice The notional exceeds the certificate's, or the last one's where none is live.
    error LimitExceeded(uint256 notional, uint256 maxNotional);
    /// @notice Initial margin over all markets exceeds what stands behind it.
    error MarginExceeded(uint256 requirement, int256 equity);

    /// @param market Where risk rises.
    /// @param notional Of the account in this market, after the trade, USD × 1e18.
    /// @param staticImPpm Initial margin for whoever has no live certificate, ppm.
    /// @param floorImPpm Initial margin is never below this, ppm.
    /// @param requirementOthers Initial margin of the account's other positions, USD × 1e18.
    /// @param equity Collateral at the venue, less losses and fees. Gains count 0. USD × 1e18.
    struct Raise {
        address account;
        bytes32 market;
        uint256 notional;
        uint32 staticImPpm;
        uint32 floorImPpm;
        uint256 requirementOthers;
        int256 equity;
    }

    constructor(LimitBook limitBook_) {
        limitBook = limitBook_;
    }

    /// @notice Reverts unless the raise is admitted.
    /// @dev With a live certificate: N ≤ maxNotional and Σ imPpm·N ≤ credit + equity. Without one: Σ imPpm·N ≤ equity
    ///      at static rates, and N never above the last accepted maxNotional: a cut outlives its expiry.
    function _admitRaise(Raise memory raise) internal view {
        LimitBook.Standing memory standing = _standingOf(raise.account, raise.market);
        if (standing.sequence != 0 && raise.notional > standing.maxNotional) {
            revert LimitExceeded(raise.notional, standing.maxNotional);
        }
        uint32 rate = _rate(standing, raise.staticImPpm, raise.floorImPpm);
        uint256 requirement = Fixed.ofPpm(raise.notional, rate) + raise.requirementOthers;
        int256 equity = raise.equity;
        if (standing.live) equity += int256(uint256(standing.credit));
        if (equity < 0 || requirement > uint256(equity)) revert MarginExceeded(requirement, equity);
    }

    /// @notice Initial margin that holds for the account in this market now, ppm.
    function _imPpmOf(address account, bytes32 market, uint32 staticImPpm, uint32 floorImPpm)
        internal
        view
        returns (uint32)
    {
        return _rate(_standingOf(account, market), staticImPpm, floorImPpm);
    }

    /// @notice Credit of the account here, by the book. USD × 1e18.
    function _creditOf(address account) internal view returns (uint256) {
        return limitBook.creditOf(account, address(this));
    }

    function _standingOf(address account, bytes32 market) private view returns (LimitBook.Standing memory) {
        return limitBook.limitOf(account, address(this), market);
    }

    function _rate(LimitBook.Standing memory standing, uint32 staticImPpm, uint32 floorImPpm)
        private
        pure
        returns (uint32)
    {
        uint32 rate = standing.live ? standing.imPpm : staticImPpm;
        return rate > floorImPpm ? rate : floorImPpm;
    }
}
