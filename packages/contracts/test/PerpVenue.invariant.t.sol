// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LimitBook} from "../contracts/LimitBook.sol";
import {PerpMarkets} from "../contracts/PerpMarkets.sol";
import {PerpVenue} from "../contracts/PerpVenue.sol";
import {PriceFeed} from "../contracts/testing/PriceFeed.sol";
import {TestToken} from "../contracts/testing/TestToken.sol";
import {VenueTest} from "./VenueTest.sol";

/// @dev Four accounts trading in two markets whose prices, certificates and margins move under them.
contract VenueActor is VenueTest {
    address[4] public actors = [address(0xa1), address(0xa2), address(0xa3), address(0xa4)];
    uint256 public taken;
    uint256 public liquidations;
    uint256 public raises;
    string public fault;

    constructor() {
        deployVenue();
        taken = 1_000_000e6;
        for (uint256 i = 0; i < 4; ++i) {
            fund(i, 10_000e6);
        }
    }

    function parts() external view returns (PerpVenue, LimitBook, TestToken) {
        return (venue, book, usdc);
    }

    function fund(uint256 who, uint256 amount) public {
        amount = bound(amount, 1, 20_000e6);
        deposit(actors[who % 4], amount);
        taken += amount;
    }

    function take(uint256 who, uint256 amount) external {
        address actor = actors[who % 4];
        uint256 held = collateral(actor) / 1e12;
        if (held == 0) return;
        amount = bound(amount, 1, held);
        vm.prank(actor);
        try venue.withdraw(amount, address(0x70)) {
            taken -= amount;
            PerpVenue.AccountView memory a = venue.accountOf(actor);
            if (a.positions.length > 0 && int256(a.im) > a.raiseEquity) fault = "withdrew what positions stand on";
        } catch {}
    }

    function trade(uint256 who, uint256 market, uint256 size, bool sell) external {
        address actor = actors[who % 4];
        bytes32 id = pick(market);
        int256 delta = int256(bound(size, 1, 20e18));
        if (sell) delta = -delta;
        PerpVenue.AccountView memory before = venue.accountOf(actor);
        vm.prank(actor);
        try venue.open(id, delta, sell ? 0 : MAX) {
            PerpVenue.AccountView memory a = venue.accountOf(actor);
            if (notional(a, id) <= notional(before, id)) return;
            ++raises;
            LimitBook.Standing memory s = book.limitOf(actor, address(venue), id);
            if (s.sequence != 0 && notional(a, id) > s.maxNotional) fault = "a raise above the limit";
            if (int256(a.im) > a.raiseEquity + (s.live ? int256(uint256(s.credit)) : int256(0))) {
                fault = "a raise without margin";
            }
        } catch {}
    }

    function close(uint256 who, uint256 market, uint256 part) external {
        address actor = actors[who % 4];
        bytes32 id = pick(market);
        PerpVenue.AccountView memory before = venue.accountOf(actor);
        int256 held = sizeOf(before, id);
        if (held == 0) return;
        vm.prank(actor);
        try venue.reduce(id, bound(part, 1, uint256(held > 0 ? held : -held)), held > 0 ? 0 : MAX) {
            PerpVenue.AccountView memory a = venue.accountOf(actor);
            if (a.im > before.im || a.mm > before.mm) fault = "a reduction raised a requirement";
            if (a.equity + 2e12 < before.equity) fault = "a reduction lowered equity";
        } catch {
            fault = "a reduction was refused";
        }
    }

    function liquidate(uint256 who, uint256 market) external {
        address actor = actors[who % 4];
        bytes32 id = pick(market);
        PerpVenue.AccountView memory before = venue.accountOf(actor);
        if (sizeOf(before, id) == 0) return;
        bool due = before.equity < int256(before.mm);
        uint256 paid = usdc.balanceOf(keeper);
        vm.prank(keeper);
        try venue.liquidate(actor, id) {
            if (!due) fault = "a healthy account was liquidated";
            taken -= usdc.balanceOf(keeper) - paid;
            ++liquidations;
        } catch {
            if (due) fault = "an account below maintenance margin was not liquidated";
        }
    }

    /// @dev The other market's feed is out while its price goes to anything up to five times what it said.
    function liquidateInOutage(uint256 who, uint256 market, uint256 truth) external {
        address actor = actors[who % 4];
        bytes32 id = pick(market);
        PriceFeed other = id == ETH ? btc : eth;
        if (sizeOf(venue.accountOf(actor), id) == 0) return;
        (, int256 last,,,) = other.latestRoundData();
        other.set(int256(bound(truth, 1, uint256(last) * 5)));
        PerpVenue.AccountView memory before = venue.accountOf(actor);
        other.setAt(last, block.timestamp - 1 hours - 1);
        uint256 paid = usdc.balanceOf(keeper);
        vm.prank(keeper);
        try venue.liquidate(actor, id) {
            if (before.equity >= int256(before.mm)) fault = "liquidated, and healthy at what the price was";
            taken -= usdc.balanceOf(keeper) - paid;
            ++liquidations;
        } catch {
            if (before.positions.length == 1 && before.equity < int256(before.mm)) {
                fault = "a feed of no position shielded";
            }
        }
        other.set(last);
    }

    function move(uint256 ethMove, uint256 btcMove) external {
        (, int256 e,,,) = eth.latestRoundData();
        (, int256 b,,,) = btc.latestRoundData();
        eth.set(within((e * int256(bound(ethMove, 85, 118))) / 100, 200e8, 20_000e8));
        btc.set(within((b * int256(bound(btcMove, 85, 118))) / 100, 4_000e8, 400_000e8));
    }

    function grant(uint256 who, uint256 market, uint256 maxNotional, uint256 credit, uint256 imPpm) external {
        certify(
            actors[who % 4],
            pick(market),
            uint128(bound(maxNotional, 0, 200_000e18)),
            uint128(bound(credit, 0, 5_000e18)),
            uint32(bound(imPpm, 10_000, 200_000))
        );
    }

    function tighten(uint256 market, uint256 mmPpm, uint64 sequence) external {
        PerpMarkets.MarketParams memory p = PerpMarkets.MarketParams({
            market: pick(market),
            mmPpm: uint32(bound(mmPpm, 10_000, 80_000)),
            effectiveAt: uint64(block.timestamp),
            sequence: sequence,
            epoch: book.epoch()
        });
        try venue.acceptMarketParams(p, sign(p)) {} catch {}
    }

    function settle(uint256 who) external {
        try venue.settleGain(actors[who % 4]) {} catch {}
    }

    function wait(uint256 seconds_) external {
        vm.warp(block.timestamp + bound(seconds_, 1, 20 minutes));
        (, int256 e,,,) = eth.latestRoundData();
        (, int256 b,,,) = btc.latestRoundData();
        eth.set(e);
        btc.set(b);
    }

    function pick(uint256 market) internal pure returns (bytes32) {
        return market % 2 == 0 ? ETH : BTC;
    }

    function within(int256 x, int256 least, int256 most) private pure returns (int256) {
        return x < least ? least : x > most ? most : x;
    }

    function notional(PerpVenue.AccountView memory a, bytes32 id) private pure returns (uint256) {
        for (uint256 i = 0; i < a.positions.length; ++i) {
            if (a.positions[i].market == id) return a.positions[i].notional;
        }
        return 0;
    }

    function sizeOf(PerpVenue.AccountView memory a, bytes32 id) private pure returns (int256) {
        for (uint256 i = 0; i < a.positions.length; ++i) {
            if (a.positions[i].market == id) return a.positions[i].size;
        }
        return 0;
    }
}

contract PerpVenueInvariants is VenueTest {
    VenueActor internal actor;

    function setUp() public virtual {
        actor = new VenueActor();
        (venue, book, usdc) = actor.parts();
        target(address(actor));
    }

    function invariant_no_rule_was_broken() public view {
        string memory fault = actor.fault();
        holds(bytes(fault).length == 0, fault);
    }

    function invariant_money_is_conserved() public view {
        uint256 sum = venue.pool();
        for (uint256 i = 0; i < 4; ++i) {
            sum += collateral(actor.actors(i)) / 1e12;
        }
        equal(sum, usdc.balanceOf(address(venue)), "every token is an account's or the pool's");
        equal(sum, actor.taken(), "in less out");
    }

    function invariant_loss_and_gain_are_never_both_open() public view {
        for (uint256 i = 0; i < 4; ++i) {
            PerpVenue.AccountView memory a = venue.accountOf(actor.actors(i));
            holds(a.unsettledLoss == 0 || a.unpaidGain == 0, "both");
            holds(a.unsettledLoss == 0 || a.collateral == 0, "a loss is paid from collateral first");
        }
    }

    function invariant_the_book_is_complete() public view {
        (PerpMarkets.MarketView[] memory markets, PerpVenue.AccountView[] memory accounts, uint256 total) =
            venue.book(0, 10);
        uint256 open = 0;
        for (uint256 i = 0; i < 4; ++i) {
            if (venue.accountOf(actor.actors(i)).positions.length > 0) ++open;
        }
        equal(total, open, "everybody with a position is listed, and nobody else");
        for (uint256 m = 0; m < markets.length; ++m) {
            uint256 long = 0;
            uint256 short = 0;
            for (uint256 i = 0; i < accounts.length; ++i) {
                for (uint256 j = 0; j < accounts[i].positions.length; ++j) {
                    PerpVenue.PositionView memory p = accounts[i].positions[j];
                    if (p.market != markets[m].market) continue;
                    if (p.size > 0) long += uint256(p.size);
                    else short += uint256(-p.size);
                    holds(
                        p.imPpm >= p.mmPpm && p.mmPpm >= p.mmLiquidationPpm && p.mmLiquidationPpm > 0, "rates in order"
                    );
                }
            }
            equal(long, markets[m].longSize, "longs");
            equal(short, markets[m].shortSize, "shorts");
        }
    }
}

/// @dev The campaign above is worth what it reaches: a fixed run of it must raise and liquidate.
contract VenueActorReachTest is VenueTest {
    function test_the_campaign_reaches_raises_and_liquidations() public {
        VenueActor actor = new VenueActor();
        for (uint256 i = 0; i < 64; ++i) {
            uint256 r = uint256(keccak256(abi.encode(i)));
            actor.trade(r, r >> 8, r >> 16, (r >> 128) % 2 == 0);
            actor.move(r >> 32, r >> 40);
            actor.liquidate(r >> 48, r >> 56);
            actor.close(r >> 64, r >> 72, r >> 80);
        }
        holds(actor.raises() > 5, "raises");
        holds(actor.liquidations() > 2, "liquidations");
        holds(bytes(actor.fault()).length == 0, actor.fault());
    }
}
