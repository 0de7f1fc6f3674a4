// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LimitBook} from "../contracts/LimitBook.sol";
import {PerpMarkets} from "../contracts/PerpMarkets.sol";
import {PerpVenue} from "../contracts/PerpVenue.sol";
import {PriceFeed} from "../contracts/testing/PriceFeed.sol";
import {TestToken} from "../contracts/testing/TestToken.sol";
import {Keys} from "./Mini.sol";

/// @dev A venue with two markets, ETH at 2,000 and BTC at 40,000: 10 % initial, 5 % maintenance margin, 500 ppm fee,
///      1 % to the liquidator, and a million in the pool.
abstract contract VenueTest is Keys {
    uint64 internal constant START = 1_700_000_000;
    uint256 internal constant MAX = type(uint256).max;
    bytes32 internal constant ETH = keccak256("ETH-PERP");
    bytes32 internal constant BTC = keccak256("BTC-PERP");

    address internal owner = address(0x0e0);
    address internal guardian = address(0x0e1);
    address internal alice = address(0xa11ce);
    address internal bob = address(0xb0b);
    address internal keeper = address(0x6ee9e4);
    TestToken internal usdc;
    LimitBook internal book;
    PerpVenue internal venue;
    PriceFeed internal eth;
    PriceFeed internal btc;
    uint64 private _sequence;

    function deployVenue() internal {
        vm.warp(START);
        usdc = new TestToken("USD Coin", "USDC", 6);
        book = new LimitBook(
            LimitBook.Config({
                maxTtlSeconds: 300,
                maxFutureSeconds: 15,
                minImPpm: 10_000,
                maxImPpm: 1_000_000,
                maxNotional: 100_000_000e18,
                maxCredit: 100_000_000e18,
                bootstrapNotional: 100_000_000e18,
                raisePerHour: 1e18
            }),
            owner,
            guardian,
            signers(),
            2
        );
        venue = new PerpVenue(usdc, book, owner, guardian);
        eth = new PriceFeed("ETH / USD", 2_000e8, address(this));
        btc = new PriceFeed("BTC / USD", 40_000e8, address(this));
        vm.startPrank(owner);
        venue.addMarket(config(ETH, eth));
        venue.addMarket(config(BTC, btc));
        vm.stopPrank();
        usdc.mint(address(this), 1_000_000e6);
        usdc.approve(address(venue), 1_000_000e6);
        venue.fundPool(1_000_000e6);
    }

    function config(bytes32 market, PriceFeed feed) internal pure returns (PerpMarkets.MarketConfig memory) {
        return PerpMarkets.MarketConfig({
            market: market,
            feed: feed,
            heartbeatSeconds: 1 hours,
            imPpm: 100_000,
            mmPpm: 50_000,
            mmRampPpmPerHour: 10_000,
            feePpm: 500,
            liquidationFeePpm: 10_000,
            maxOpenInterest: 10_000_000e18,
            minNotional: 0
        });
    }

    /// @dev `amount` in the token's own units.
    function deposit(address account, uint256 amount) internal {
        usdc.mint(account, amount);
        vm.startPrank(account);
        usdc.approve(address(venue), amount);
        venue.deposit(amount);
        vm.stopPrank();
    }

    function open(address account, bytes32 market, int256 size) internal {
        vm.prank(account);
        venue.open(market, size, size > 0 ? MAX : 0);
    }

    function refuse(address account, bytes32 market, int256 size, bytes4 reason) internal {
        vm.prank(account);
        vm.expectPartialRevert(reason);
        venue.open(market, size, size > 0 ? MAX : 0);
    }

    function certify(address account, bytes32 market, uint128 maxNotional, uint128 credit, uint32 imPpm) internal {
        LimitBook.Limit memory limit = LimitBook.Limit({
            participantId: keccak256("participant"),
            account: account,
            venue: address(venue),
            market: market,
            maxNotional: maxNotional,
            credit: credit,
            imPpm: imPpm,
            sequence: ++_sequence,
            issuedAt: uint64(block.timestamp),
            expiresAt: uint64(block.timestamp) + 300,
            epoch: book.epoch(),
            inputsHash: keccak256("inputs"),
            modelHash: keccak256("model"),
            paramsHash: keccak256("params")
        });
        book.accept(limit, signatures(book.digestOf(limit), keys[0], keys[1]));
    }

    function sign(PerpMarkets.MarketParams memory params) internal view returns (bytes[] memory) {
        return signatures(venue.digestOf(params), keys[0], keys[1]);
    }

    function collateral(address account) internal view returns (uint256) {
        return venue.accountOf(account).collateral;
    }
}
