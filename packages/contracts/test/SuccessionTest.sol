// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPriceFeed} from "../contracts/IPriceFeed.sol";
import {LastPrice} from "../contracts/LastPrice.sol";
import {Successions} from "../contracts/Successions.sol";
import {BackstopTest} from "./BackstopTest.sol";

/// @dev A feed with any number of digits, and any price and time.
contract OddFeed is IPriceFeed {
    uint8 public decimals;
    int256 private _answer;
    uint256 private _updatedAt;

    constructor(uint8 decimals_, int256 answer, uint256 updatedAt) {
        set(decimals_, answer, updatedAt);
    }

    function set(uint8 decimals_, int256 answer, uint256 updatedAt) public {
        (decimals, _answer, _updatedAt) = (decimals_, answer, updatedAt);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (1, _answer, _updatedAt, _updatedAt, 1);
    }
}

/// @dev A feed that answers nobody who leaves it too little gas, and does not burn what it is left.
contract WaryFeed is IPriceFeed {
    uint8 public constant decimals = 8;
    uint256 private immutable _least;

    constructor(uint256 least) {
        _least = least;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        require(gasleft() >= _least);
        return (1, 2_000e8, block.timestamp, block.timestamp, 1);
    }
}

/// @dev A venue whose ETH feed stops at the start, with Alice long 10 and Bob short 10 of it at 2,000.
abstract contract SuccessionTest is BackstopTest {
    uint256 internal constant DEAD = 3 days;
    uint256 internal constant NOTICE = 3 days;
    uint256 internal constant TERM = 3 days;
    uint32 internal constant RHYTHM = 2 hours;
    Successions internal successions;

    function deploySuccession() internal {
        deployBackstop();
        successions = venue.successions();
        deposit(alice, 5_010e6);
        open(alice, ETH, 10e18);
        deposit(bob, 5_010e6);
        open(bob, ETH, -10e18);
    }

    /// @dev Time passes; BTC's feed goes on.
    function pass(uint256 seconds_) internal {
        vm.warp(block.timestamp + seconds_);
        btc.set(40_000e8);
    }

    function name(IPriceFeed feed) internal {
        vm.prank(owner);
        successions.nameSuccessor(ETH, feed, RHYTHM);
    }

    /// @dev The feed dies, one price is named for good, and time passes until it is due. `price` × 1e8.
    function named(int256 price) internal returns (LastPrice last) {
        pass(DEAD + 1);
        last = new LastPrice("ETH / USD", price, 8);
        name(last);
        pass(NOTICE);
    }

    function succeeded(int256 price) internal returns (LastPrice last) {
        last = named(price);
        successions.succeed(ETH);
    }

    function closeAll(address account, bytes32 market) internal {
        uint256 limitPrice = venue.sizeOf(account, market) > 0 ? 0 : MAX;
        vm.prank(account);
        venue.reduce(market, MAX, limitPrice);
    }

    function withdraw(address account, uint256 amount) internal {
        vm.prank(account);
        venue.withdraw(amount, account);
    }
}
