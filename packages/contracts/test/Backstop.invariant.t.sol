// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Backstop} from "../contracts/Backstop.sol";
import {BackstopInventory} from "../contracts/BackstopInventory.sol";
import {BackstopQueue} from "../contracts/BackstopQueue.sol";
import {PerpLiquidations} from "../contracts/PerpLiquidations.sol";
import {PerpVenue} from "../contracts/PerpVenue.sol";
import {Tranche} from "../contracts/Tranche.sol";
import {TestToken} from "../contracts/testing/TestToken.sol";
import {BackstopTest} from "./BackstopTest.sol";

/// @dev What forge can say of the logs since it was asked to keep them.
interface VmLogs {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
}

/// @dev Traders, liquidators, bidders and capital that comes and goes, under prices that move hard.
contract BackstopActor is BackstopTest {
    address[5] public actors = [address(0xa1), address(0xa2), address(0xa3), address(0xa4), address(0xa5)];
    string public fault;
    uint256 public inherited;
    uint256 public sold;
    uint256 public covered;
    uint256 public deleveraged;
    uint256 public left;
    uint256 public parts;
    uint256 public unwound;
    uint256 public claimed;
    /// @dev Of what left, what came to its owners.
    uint256 public leftAssets;
    uint256 public clawed;
    uint256[] private eras;
    /// @dev What accounts left behind when they were inherited, and what bidders and callers were given. Token units.
    uint256 public leftBehind;
    uint256 public given;

    struct Layers {
        uint256 junior;
        uint256 fund;
        uint256 senior;
    }

    constructor() {
        deployBackstopWith(100_000);
        vm.startPrank(owner);
        venue.setLiquidationTerms(ETH, PerpLiquidations.LiquidationTerms(1_250_000, 300_000));
        venue.setLiquidationTerms(BTC, PerpLiquidations.LiquidationTerms(0, 300_000));
        vm.stopPrank();
        for (uint256 i = 0; i < 5; ++i) {
            deposit(actors[i], 20_000e6);
        }
    }

    function contracts() external view returns (PerpVenue, Backstop) {
        return (venue, backstop);
    }

    function trade(uint256 who, uint256 market, uint256 size, bool sell) external {
        bytes32 id = market % 2 == 0 ? ETH : BTC;
        int256 delta = int256(bound(size, 1e15, id == ETH ? 90e18 : 4e18));
        address actor = actors[who % 5];
        vm.prank(actor);
        try venue.open(id, sell ? -delta : delta, sell ? 0 : MAX) {} catch {}
    }

    function fund(uint256 who, uint256 amount) external {
        deposit(actors[who % 5], bound(amount, 1, 10_000e6));
    }

    function move(uint256 ethMove, uint256 btcMove) external {
        (, int256 e,,,) = eth.latestRoundData();
        (, int256 b,,,) = btc.latestRoundData();
        eth.set(within((e * far(ethMove)) / 1_000, 300e8, 12_000e8));
        btc.set(within((b * far(btcMove)) / 1_000, 6_000e8, 240_000e8));
    }

    /// @dev A jump, or a step that leaves something of those whom it hits.
    function far(uint256 x) private pure returns (int256) {
        return int256(x % 2 == 0 ? bound(x / 2, 750, 1_300) : bound(x / 2, 930, 1_070));
    }

    function wait(uint256 seconds_) external {
        vm.warp(block.timestamp + bound(seconds_, 1, 1 days));
        (, int256 e,,,) = eth.latestRoundData();
        (, int256 b,,,) = btc.latestRoundData();
        eth.set(e);
        btc.set(b);
    }

    function liquidate(uint256 who, uint256 market) external {
        address actor = actors[who % 5];
        bytes32 id = market % 2 == 0 ? ETH : BTC;
        PerpVenue.AccountView memory a = venue.accountOf(actor);
        int256 before = venue.sizeOf(actor, id);
        vm.prank(keeper);
        try venue.liquidate(actor, id) {
            checkHealth(a, venue.accountOf(actor));
            if (venue.sizeOf(actor, id) != 0) ++parts;
            if ((before > 0) != (venue.sizeOf(actor, id) >= 0) && venue.sizeOf(actor, id) != 0) {
                fault = "turned around";
            }
        } catch {}
    }

    function inherit(uint256 who, uint256 market) external {
        address actor = actors[who % 5];
        PerpVenue.AccountView memory a = venue.accountOf(actor);
        Layers memory before = layers();
        VmLogs(address(vm)).recordLogs();
        try backstop.inherit(actor, market % 2 == 0 ? ETH : BTC) {
            ++inherited;
            (,, uint256 penalty,, uint256 reward) =
                abi.decode(logged(Backstop.Inherited.selector), (int256, uint256, uint256, address, uint256));
            leftBehind += penalty;
            given += reward;
            if (a.equity * 1e6 >= int256(a.mm * 666_667)) fault = "inherited from somebody who was not too far gone";
            if (a.equity > 0) checkHealth(a, venue.accountOf(actor));
            checkTurn(before);
        } catch {}
    }

    function bid(uint256 who, uint256 market, uint256 size) external {
        bytes32 id = market % 2 == 0 ? ETH : BTC;
        BackstopInventory.Offer memory offer = backstop.offerOf(id);
        if (offer.size == 0) return;
        if (offer.price == 0 || offer.price * 5 < offer.mark * 4) fault = "a price below its floor";
        Layers memory before = layers();
        uint256 most = uint256(offer.size > 0 ? offer.size : -offer.size);
        VmLogs(address(vm)).recordLogs();
        vm.prank(actors[who % 5]);
        try backstop.bid(id, bound(size, 1, most), offer.price) {
            ++sold;
            (,,, uint256 discount) = abi.decode(logged(Backstop.Sold.selector), (int256, uint256, uint256, uint256));
            given += discount;
            checkTurn(before);
        } catch {}
    }

    function cover(uint256 who) external {
        Layers memory before = layers();
        try backstop.cover(actors[who % 5]) {
            ++covered;
            checkTurn(before);
        } catch {}
    }

    function surrender(uint256 market) external {
        Layers memory before = layers();
        try backstop.surrender(market % 2 == 0 ? ETH : BTC) {
            checkTurn(before);
        } catch {}
    }

    function unwind(uint256 market) external {
        Layers memory before = layers();
        try backstop.unwind(market % 2 == 0 ? ETH : BTC) {
            ++unwound;
            checkTurn(before);
        } catch {}
    }

    function check(uint256 who, uint256 limit) external {
        try backstop.checkQueue(who % 6 == 5 ? address(backstop) : actors[who % 6], ranked(), limit % 3) {} catch {}
    }

    function deleverage(uint256 who) external {
        address loser = who % 6 == 5 ? address(backstop) : actors[who % 6];
        BackstopQueue.Winner[] memory list = ranked();
        uint256 owed = venue.accountOf(loser).unsettledLoss;
        try backstop.deleverage(loser, list) {
            ++deleveraged;
            Layers memory now_ = layers();
            if (now_.junior + now_.fund + now_.senior != 0) fault = "winners paid before a layer was empty";
            if (venue.accountOf(loser).unsettledLoss >= owed) fault = "nothing was paid";
        } catch {}
    }

    function share() external {
        try backstop.shareIncome() {} catch {}
    }

    function join(uint256 amount, bool first) external {
        Tranche tranche = first ? junior : senior;
        address who = first ? jane : sam;
        if (tranche.maxDeposit(who) == 0) return;
        supply(tranche, who, bound(amount, 1, 30_000e6));
    }

    function queueUp(uint256 shares, bool first) external {
        Tranche tranche = first ? junior : senior;
        address who = first ? jane : sam;
        uint256 held = tranche.balanceOf(who);
        if (held == 0) return;
        vm.prank(who);
        tranche.requestRedeem(bound(shares, 1, held));
    }

    function depart(bool first) external {
        Tranche tranche = first ? junior : senior;
        address who = first ? jane : sam;
        uint256 most = tranche.maxRedeem(who);
        if (most == 0) return;
        uint256 before = tranche.held();
        vm.prank(who);
        uint256 assets = tranche.redeem(most, who, who);
        if (tranche.held() != before - assets) fault = "more left than was paid";
        ++left;
        leftAssets += assets;
        if (eras.length == 0 || eras[eras.length - 1] != block.timestamp / 1 hours) {
            eras.push(block.timestamp / 1 hours);
        }
    }

    /// @dev What left in an era, by whichever of the two had shares there.
    function claim(uint256 i, bool first) external {
        if (eras.length == 0) return;
        uint256 era = eras[i % eras.length];
        Tranche tranche = first ? junior : senior;
        address who = first ? jane : sam;
        uint256 due = tranche.leftOf(who, era);
        try tranche.claim(who, era) returns (uint256 assets) {
            ++claimed;
            if (assets != due || block.timestamp < (era + 2) * 1 hours) fault = "claimed too much, or too soon";
        } catch {
            if (due != 0 && block.timestamp >= (era + 2) * 1 hours) fault = "what left does not come";
        }
    }

    /// @dev Left, and not claimed.
    function leaving(Tranche tranche, address who) public view returns (uint256 sum) {
        for (uint256 i = 0; i < eras.length; ++i) {
            sum += tranche.leftOf(who, eras[i]);
        }
    }

    function report(uint256 n) external {
        vm.prank(reporter);
        try backstop.report(uint32(bound(n, 0, 1e6))) {} catch {}
    }

    function layers() public view returns (Layers memory) {
        return Layers(junior.capital(), backstop.insurance(), senior.capital());
    }

    function checkTurn(Layers memory before) private {
        Layers memory now_ = layers();
        if (now_.junior < before.junior && now_.junior > junior.held()) ++clawed;
        if (now_.senior < before.senior && now_.senior > senior.held()) ++clawed;
        if (now_.fund < before.fund && now_.junior != 0) fault = "the fund paid before junior was empty";
        if (now_.senior < before.senior && now_.junior + now_.fund != 0) fault = "senior paid out of turn";
    }

    /// @dev Equity by maintenance margin falls by no more than a token's unit or two; without equity, equity does.
    function checkHealth(PerpVenue.AccountView memory a, PerpVenue.AccountView memory b) private {
        if (a.equity <= 0) {
            if (b.equity < a.equity - 4e12) fault = "equity was lost";
        } else if ((b.equity + 4e12) * int256(a.mm) < a.equity * int256(b.mm)) {
            fault = "health fell in a liquidation";
        }
    }

    /// @dev The last log of the backstop's with this selector.
    function logged(bytes32 selector) private returns (bytes memory data) {
        VmLogs.Log[] memory logs = VmLogs(address(vm)).getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == address(backstop) && logs[i].topics[0] == selector) data = logs[i].data;
        }
    }

    /// @dev Every position in profit, the highest rank first.
    function ranked() private view returns (BackstopQueue.Winner[] memory list) {
        BackstopQueue.Winner[] memory all = new BackstopQueue.Winner[](10);
        uint256 count = 0;
        for (uint256 i = 0; i < 5; ++i) {
            if (backstop.rankOf(actors[i], ETH) > 0) all[count++] = BackstopQueue.Winner(actors[i], ETH);
            if (backstop.rankOf(actors[i], BTC) > 0) all[count++] = BackstopQueue.Winner(actors[i], BTC);
        }
        list = new BackstopQueue.Winner[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = all[i];
            for (uint256 j = i; j > 0 && ahead(list[j], list[j - 1]); --j) {
                (list[j], list[j - 1]) = (list[j - 1], list[j]);
            }
        }
    }

    function ahead(BackstopQueue.Winner memory a, BackstopQueue.Winner memory b) private view returns (bool) {
        (uint256 x, uint256 y) = (backstop.rankOf(a.account, a.market), backstop.rankOf(b.account, b.market));
        if (x != y) return x > y;
        return a.account != b.account ? a.account < b.account : a.market < b.market;
    }

    function within(int256 x, int256 least, int256 most) private pure returns (int256) {
        return x < least ? least : x > most ? most : x;
    }
}

contract BackstopInvariants is BackstopTest {
    BackstopActor internal actor;

    function setUp() public {
        actor = new BackstopActor();
        (venue, backstop) = actor.contracts();
        (junior, senior) = (backstop.junior(), backstop.senior());
        usdc = TestToken(address(venue.collateralToken()));
        target(address(actor));
    }

    function invariant_no_rule_was_broken() public view {
        string memory fault = actor.fault();
        holds(bytes(fault).length == 0, fault);
    }

    function invariant_money_is_conserved() public view {
        uint256 sum = venue.pool() + collateral(address(backstop)) / 1e12;
        for (uint256 i = 0; i < 5; ++i) {
            sum += collateral(actor.actors(i)) / 1e12;
        }
        equal(sum, usdc.balanceOf(address(venue)), "every token is an account's, the backstop's or the pool's");
        uint256 counted = junior.held() + actor.leaving(junior, jane);
        equal(counted, usdc.balanceOf(address(junior)), "junior holds what it counts");
        equal(senior.held() + actor.leaving(senior, sam), usdc.balanceOf(address(senior)), "so does senior");
        uint256 all = sum + usdc.balanceOf(address(junior)) + usdc.balanceOf(address(senior)) + backstop.insurance()
            + usdc.balanceOf(jane) + usdc.balanceOf(sam) + usdc.balanceOf(keeper);
        equal(all, usdc.totalSupply(), "nothing is lost, nothing is made");
    }

    function invariant_the_backstop_holds_what_it_offers() public view {
        equal(backstop.offerOf(ETH).inventory, venue.sizeOf(address(backstop), ETH), "ether");
        equal(backstop.offerOf(BTC).inventory, venue.sizeOf(address(backstop), BTC), "bitcoin");
        bool flat = venue.sizeOf(address(backstop), ETH) == 0 && venue.sizeOf(address(backstop), BTC) == 0;
        holds(flat == (backstop.openSince() == 0), "the lock begins and ends with it");
    }

    /// @dev However positions are inherited, netted, turned around and sold.
    function invariant_no_more_is_given_than_was_left_behind() public view {
        holds(actor.given() <= actor.leftBehind(), "bidders and callers are given more");
    }

    function invariant_who_leaves_gets_no_more_than_left() public view {
        uint256 got =
            usdc.balanceOf(jane) + usdc.balanceOf(sam) + actor.leaving(junior, jane) + actor.leaving(senior, sam);
        holds(got <= actor.leftAssets(), "more came than left");
        holds(junior.capital() >= junior.held() && senior.capital() >= senior.held(), "what is liable is there");
    }

    function invariant_shares_are_worth_no_more_than_is_held() public view {
        holds(junior.totalAssets() <= junior.held() && senior.totalAssets() <= senior.held(), "worth");
        uint256 worth_ = worth(junior, jane);
        holds(worth_ <= junior.held(), "what shares redeem for");
    }
}

/// @dev The campaign above is worth what it reaches: a fixed run of it must inherit, sell, cover, deleverage and leave.
contract BackstopActorReachTest is BackstopTest {
    function test_the_campaign_reaches_every_part() public {
        BackstopActor actor = new BackstopActor();
        for (uint256 i = 0; i < 600; ++i) {
            uint256 r = uint256(keccak256(abi.encode(i)));
            uint256 x = r >> 96;
            actor.trade(r, r >> 8, x, r % 3 == 0);
            if (i % 3 == 0) actor.move(r >> 16, r >> 24);
            for (uint256 j = 0; j < 5; ++j) {
                if (i % 2 == 0) actor.inherit(j, r >> 56);
                else actor.liquidate(j, r >> 40);
            }
            if (i % 2 == 0) actor.wait(x);
            for (uint256 j = 0; j < 10; ++j) {
                if (i % 8 == 0) actor.unwind(j);
                else actor.bid(j, j / 5, x);
            }
            if (i % 5 == 0) actor.check(r >> 80, x);
            actor.cover(r >> 80);
            if (i % 7 == 0) actor.queueUp(x, i % 2 == 0);
            actor.depart(i % 2 == 0);
            if (i % 4 == 0) actor.claim(r >> 96, i % 8 == 0);
            actor.surrender(r >> 88);
            actor.deleverage(r >> 80);
            actor.share();
            if (i % 20 == 0) actor.fund(r >> 88, x);
        }
        holds(bytes(actor.fault()).length == 0, actor.fault());
        holds(actor.parts() > 0, "liquidations in part");
        holds(actor.inherited() > 0, "inherited");
        holds(actor.sold() > 0, "sold");
        holds(actor.given() > 0, "at a discount");
        holds(actor.unwound() > 0, "unwound");
        holds(actor.covered() > 0, "covered");
        holds(actor.deleveraged() > 0, "deleveraged");
        holds(actor.left() > 0, "left");
        holds(actor.claimed() > 0, "claimed");
    }

    /// @dev What a random run reaches too rarely: who left an hour ago at most pays for what fell since.
    function test_the_campaign_reaches_who_left_and_pays() public {
        BackstopActor actor = new BackstopActor();
        actor.queueUp(10_000e12 - 1, true);
        for (uint256 i = 0; i < 3; ++i) {
            actor.wait(1 days - 1);
        }
        actor.depart(true);
        actor.trade(0, 0, 45e18 - 1e15, false);
        actor.move(0, 141); // a quarter less: 22,500 lost of 19,955
        actor.inherit(0, 0);
        equal(actor.clawed(), 1, "paid by what left");
        actor.wait(1 days - 1);
        actor.claim(0, true);
        equal(actor.claimed(), 1, "and the rest came");
        holds(bytes(actor.fault()).length == 0, actor.fault());
    }
}
